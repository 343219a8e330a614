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

/// To be called before a large load and when it has read its reports: what is not in use goes back to the system.
///
/// Small pieces of the heap that were let go lie between what stays, and keep their pages. And of the program itself the
/// system maps sixteen pages around each one that runs, most of them for nothing, which adds up to a quarter of all
/// memory at a hundred thousand results; what runs again is mapped again, from the page cache.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no other way to give back pages")]
pub fn trim() {
    // SAFETY: `malloc_trim` takes a number, locks each arena as any allocation does, and gives back only free pages.
    let _ = unsafe { libc::malloc_trim(0) };
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for (start, end) in maps.lines().filter_map(code) {
        // SAFETY: the pages are mapped from files, can be run and not be written, and so are as their file has them:
        // whoever reads or runs them next finds the same bytes. Where that range is gone by now, the call fails.
        let _ = unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(start), end.saturating_sub(start), libc::MADV_DONTNEED)
        };
    }
}

/// Where code of a file lies, by a line of `/proc/self/maps` (`proc_pid_maps(5)`): `55d0c0e4b000-55d0c1d3e000 r-xp … /path`.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn code(line: &str) -> Option<(usize, usize)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let is_code = rest.starts_with("r-xp ") && rest.contains('/');
    let address = |digits| usize::from_str_radix(digits, 16).ok();
    is_code.then_some((address(start)?, address(end)?))
}

/// Other allocators need no such hint.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

/// The same.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn trim() {}
