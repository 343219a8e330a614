//! How the memory that is let go comes back to the system.
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

/// To be called when a load has read its reports: small pieces that were let go lie between what stays, and their pages
/// go back to the system.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the allocator has no other switch")]
pub fn trim() {
    // SAFETY: `malloc_trim` takes a number, locks each arena as any allocation does, and gives back only free pages.
    let _ = unsafe { libc::malloc_trim(0) };
}

/// Other allocators need no such hint.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

/// The same.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn trim() {}
