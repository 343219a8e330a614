//! Files of repeated blocks and what people do to them, the same on every machine: the scanned version, the version of
//! now, a fix for one line of one block, and what the file should be afterwards.

/// How a file of blocks is written. In all of them the flagged line is the same in every block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A YAML list whose entries begin with their name.
    List,
    /// A YAML list whose entries end with their name.
    NameLast,
    /// Kubernetes documents.
    Manifest,
    /// A YAML map.
    Map,
    /// Terraform resources.
    Terraform,
    /// A JSON list of objects.
    Json,
    /// A JSON map of objects.
    JsonMap,
    /// Entries that only a port tells apart.
    Port,
}

const STYLES: [Style; 8] = [
    Style::List,
    Style::NameLast,
    Style::Manifest,
    Style::Map,
    Style::Terraform,
    Style::Json,
    Style::JsonMap,
    Style::Port,
];

/// What happened to the flagged block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is still there.
    Kept,
    /// It is gone.
    Removed,
    /// Another block stands in its place.
    Replaced,
}

/// One scanned file with one fix.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) style: Style,
    pub(crate) fate: Fate,
    pub(crate) path: String,
    /// Where the file is now.
    pub(crate) new_path: String,
    pub(crate) base: String,
    pub(crate) now: String,
    /// 1-based line of the base that the fix replaces.
    pub(crate) line: u32,
    pub(crate) seen: String,
    pub(crate) insert: String,
    /// The base with the fix.
    pub(crate) fixed: String,
    /// The file with the fix; `None` where the flagged block is gone.
    pub(crate) wanted: Option<String>,
}

/// A generator of numbers (`SplitMix64`: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `count` - 1.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).unwrap_or(0)
    }

    /// So many times in a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone)]
struct Block {
    number: usize,
    above: Vec<String>,
    below: Vec<String>,
}

/// So many cases; the same for the same number.
pub(crate) fn cases(seed: u64, count: usize) -> Vec<Case> {
    (0..count)
        .map(|number| case(&mut Random(seed.wrapping_mul(1_000_003).wrapping_add(number as u64)), number))
        .collect()
}

fn case(random: &mut Random, number: usize) -> Case {
    let style = STYLES[random.below(STYLES.len())];
    let sizes = (random.below(9), random.below(9));
    let mut next = 2 + random.below(6);
    let blocks: Vec<Block> = (0..next).map(|number| block(random, number, sizes)).collect();
    let target = random.below(blocks.len());
    let head: Vec<String> = (0..6).map(|line| format!("# {number} {line} {}\n", random.next())).collect();
    let head = head.concat();
    let head = if matches!(style, Style::Json | Style::JsonMap) { String::new() } else { head };

    let mut now = blocks.clone();
    let fate = match random.below(10) {
        0 | 1 => Fate::Removed,
        2 => Fate::Replaced,
        _ => Fate::Kept,
    };
    for _ in 0..=random.below(3) {
        change(random, &mut now, target, sizes, &mut next);
    }
    let at = now.iter().position(|block| block.number == target).unwrap_or(0);
    match fate {
        Fate::Kept => {}
        Fate::Removed => {
            now.remove(at);
            if random.chance(50) {
                // One that looks like it is left.
                now.truncate(1);
            }
        }
        Fate::Replaced => now[at] = block(random, next, sizes),
    }
    let mut top = head.clone();
    if random.chance(30) && !head.is_empty() {
        top.push_str("# edited\n");
    }
    let (is_crlf, is_renamed) = (random.chance(15), random.chance(5));
    let ends = |text: String| if is_crlf { text.replace('\n', "\r\n") } else { text };

    let base = file(style, &head, &blocks, None);
    let fixed = file(style, &head, &blocks, Some(target));
    let (line, seen, insert) = base
        .lines()
        .zip(fixed.lines())
        .zip(1..)
        .find(|((old, new), _)| old != new)
        .map(|((old, new), line)| (line, old.to_owned(), new.to_owned()))
        .unwrap_or_default();
    let path = format!("part{}/{number}.{}", number % 50, style.ending());
    Case {
        style,
        fate,
        new_path: if is_renamed { format!("moved/{number}.{}", style.ending()) } else { path.clone() },
        path,
        line,
        seen,
        insert,
        fixed,
        wanted: (fate == Fate::Kept).then(|| ends(file(style, &top, &now, Some(target)))),
        now: ends(file(style, &top, &now, None)),
        base,
    }
}

fn block(random: &mut Random, number: usize, (above, below): (usize, usize)) -> Block {
    let mut lines = |count, word: &str| -> Vec<String> {
        let value = |index: usize, random: &mut Random| if random.chance(5) { random.below(100) } else { index };
        (0..count).map(|index| format!("{word}{index}={}", value(index, random))).collect()
    };
    Block { number, above: lines(above, "key"), below: lines(below, "more") }
}

/// Something that happens to the blocks around the flagged one, or to it.
fn change(random: &mut Random, now: &mut Vec<Block>, target: usize, sizes: (usize, usize), next: &mut usize) {
    let at = random.below(now.len());
    match random.below(10) {
        0..4 => {
            let new = block(random, *next, sizes);
            *next += 1;
            now.insert(random.below(now.len() + 1), new);
        }
        4..7 if now[at].number != target => drop(now.remove(at)),
        7 => {
            let other = random.below(now.len());
            now.swap(at, other);
        }
        _ => {
            let block = &mut now[at];
            let lines = if random.chance(50) { &mut block.above } else { &mut block.below };
            if !lines.is_empty() {
                let line = random.below(lines.len());
                let word = lines[line].split('=').next().unwrap_or_default().to_owned();
                lines[line] = format!("{word}={}", 100 + random.below(100));
            }
        }
    }
}

fn file(style: Style, head: &str, blocks: &[Block], fixed: Option<usize>) -> String {
    let bodies: Vec<String> = blocks
        .iter()
        .map(|block| style.block(block, if fixed == Some(block.number) { "false" } else { "true" }))
        .collect();
    match style {
        Style::Json => format!("[\n{}\n]\n", bodies.join(",\n")),
        Style::JsonMap => format!("{{\n{}\n}}\n", bodies.join(",\n")),
        Style::Map => format!("{head}services:\n{}", bodies.concat()),
        _ => format!("{head}{}", bodies.concat()),
    }
}

impl Style {
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Terraform => "tf",
            Self::Json | Self::JsonMap => "json",
            _ => "yaml",
        }
    }

    fn block(self, block: &Block, value: &str) -> String {
        let name = format!("b{}", block.number);
        let yaml = |lines: &[String], indent: &str| -> String {
            lines.iter().map(|line| [indent, &line.replace('=', ": "), "\n"].concat()).collect()
        };
        let json = |lines: &[String]| -> String {
            lines
                .iter()
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| ["    \"", key, "\": ", value, ",\n"].concat())
                .collect()
        };
        let (above, below) = (&block.above, &block.below);
        match self {
            Self::List => {
                format!("- name: {name}\n{}  privileged: {value}\n{}", yaml(above, "  "), yaml(below, "  "))
            }
            Self::NameLast => format!(
                "- image: app\n{}  privileged: {value}\n{}  name: {name}\n",
                yaml(above, "  "),
                yaml(below, "  ")
            ),
            Self::Manifest => format!(
                "---\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n{}  privileged: {value}\n{}",
                yaml(above, "  "),
                yaml(below, "  ")
            ),
            Self::Map => {
                format!("  {name}:\n{}    privileged: {value}\n{}", yaml(above, "    "), yaml(below, "    "))
            }
            Self::Terraform => {
                let lines = |lines: &[String]| -> String {
                    lines.iter().map(|line| ["  ", &line.replace('=', " = "), "\n"].concat()).collect()
                };
                format!(
                    "resource \"aws_s3_bucket\" \"{name}\" {{\n{}  privileged = {value}\n{}}}\n\n",
                    lines(above),
                    lines(below)
                )
            }
            Self::Json => format!(
                "  {{\n    \"name\": \"{name}\",\n{}    \"privileged\": {value},\n{}    \"last\": 0\n  }}",
                json(above),
                json(below)
            ),
            Self::JsonMap => format!(
                "  \"{name}\": {{\n{}    \"privileged\": {value},\n{}    \"last\": 0\n  }}",
                json(above),
                json(below)
            ),
            Self::Port => format!(
                "- image: app\n{}  privileged: {value}\n{}  port: {}\n",
                yaml(above, "  "),
                yaml(below, "  "),
                8000 + block.number
            ),
        }
    }
}
