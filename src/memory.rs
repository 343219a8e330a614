//! How memory that is not in use comes back to the system.
//!
//! A load makes and drops vectors of megabytes. The allocator of the GNU C library keeps such memory for later once it
//! has seen it come back, in pieces between what stays: a tenth of all at the end of a load. With a limit that is set,
//! large pieces are always pages of their own, which grow in place and go back when they are dropped; that costs no
//! time that could be measured.

/// Bytes from which a piece of memory is pages of its own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_PAGES: libc::c_int = 64 << 10;

/// To be called once, before anything large is made.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the allocator has no other switch")]
pub fn give_back() {
    // SAFETY: `mallopt` takes two numbers and touches nothing but the allocator's own settings; it may be called at any
    // time, and other threads are not there yet. What it refuses stays as it was.
    let _ = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_PAGES) };
}

/// To be called before a large load and between its steps: what is not in use goes back to the system.
///
/// Small pieces of the heap that were let go lie between what stays, and keep their pages. And of the program itself the
/// system maps sixteen pages around each one that is touched, most of them for nothing, which adds up to a third of all
/// memory at a hundred thousand results; what is touched again is mapped again, from the page cache.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no other way to give back pages")]
pub fn trim() {
    // SAFETY: `malloc_trim` takes a number, locks each arena as any allocation does, and gives back only free pages.
    let _ = unsafe { libc::malloc_trim(0) };
    for (start, end) in own_pages() {
        // SAFETY: nothing can write these pages and nothing has, and the program that they are of stays mapped as long as
        // it runs: whoever touches one next finds the bytes that its file has there, which are the same.
        let _ = unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(start), end.saturating_sub(start), libc::MADV_DONTNEED)
        };
    }
}

/// Where pages of the program's own file lie that are as the file has them and cannot be written, by
/// `/proc/self/smaps` (`proc_pid_smaps(5)`): `55d0c0e4b000-55d0c1d3e000 r-xp … /path`, then a line for each figure.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn own_pages() -> Vec<(usize, usize)> {
    let Ok(program) = std::fs::read_link("/proc/self/exe") else { return Vec::new() };
    let (Some(program), Ok(maps)) = (program.to_str(), std::fs::read_to_string("/proc/self/smaps")) else {
        return Vec::new();
    };
    let address = |digits| usize::from_str_radix(digits, 16).ok();
    let mut own = Vec::new();
    let mut last = None;
    for line in maps.lines() {
        if let Some(changed) = line.strip_prefix("Anonymous:") {
            own.extend(last.take().filter(|_| changed.trim() == "0 kB"));
        } else if line.ends_with(program) {
            last = line.split_once(' ').and_then(|(range, rest)| {
                let (start, end) = range.split_once('-').filter(|_| rest.get(1..2) == Some("-"))?;
                Some((address(start)?, address(end)?))
            });
        }
    }
    own
}

/// Other allocators need no such hint.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

/// The same.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn trim() {}
