//! Sorting by counting, which can be done in parts: a million things are more than one frame has time for.

/// Numbered things on their way into the order of their ranks; equals stay as they came.
#[derive(Debug, Default)]
pub struct Counting {
    /// By rank: how many things have it, and then where the next of them goes.
    next: Vec<u32>,
    sorted: Vec<u32>,
    /// The thing that is looked at next; each is looked at twice.
    at: usize,
    is_counted: bool,
}

impl Counting {
    /// For so many things, whose ranks are below `ranks`.
    pub fn new(things: usize, ranks: u32) -> Self {
        Self { next: vec![0; ranks as usize + 1], sorted: vec![0; things], at: 0, is_counted: false }
    }

    /// Looks at the next of some things, at most so many, and returns whether all are sorted. The things and their
    /// ranks are the same at each call.
    pub fn step(&mut self, things: &[u32], rank: impl Fn(u32) -> u32, room: usize) -> bool {
        let end = things.len().min(self.at.saturating_add(room.max(1)));
        let part = &things[self.at..end];
        self.at = end;
        if self.is_counted {
            for &thing in part {
                let place = &mut self.next[rank(thing) as usize];
                self.sorted[*place as usize] = thing;
                *place += 1;
            }
            return end == things.len();
        }
        for &thing in part {
            self.next[rank(thing) as usize + 1] += 1;
        }
        if end == things.len() {
            let mut start = 0;
            for count in &mut self.next {
                start += *count;
                *count = start;
            }
            (self.at, self.is_counted) = (0, true);
        }
        false
    }

    /// The things in order, once all are sorted.
    pub fn into_sorted(self) -> Vec<u32> {
        self.sorted
    }
}

/// Things in the order of their ranks, which are below `len`; equals stay as they were.
pub fn sorted_by(things: &[u32], ranks: &[u32], len: u32) -> Vec<u32> {
    let mut counting = Counting::new(things.len(), len);
    while !counting.step(things, |thing| ranks[thing as usize], usize::MAX) {}
    counting.into_sorted()
}
