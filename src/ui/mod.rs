//! Drawing: from the state to the cells of one frame, and from cells to bytes. Nothing here decides, waits or reads
//! anything but the state; a frame costs what is visible, not what is loaded.

pub mod backend;
mod confirm;
mod copied;
mod empty;
mod filter;
mod form;
mod header;
mod hints;
mod list;
mod page_pane;
mod pen;
mod picker;
mod prefix;
mod review;
mod safe;
mod status;
pub mod theme;
mod view;

pub use theme::Theme;
pub use view::view;
