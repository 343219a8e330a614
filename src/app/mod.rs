//! What the console is and how it changes: state, commands, keys, update, layout, pages.
//!
//! `update` decides and touches nothing outside `State`: no clock, no disk, no git, no threads.
//! Work for the world leaves as [`Effect`]s and comes back as [`Msg`]s, both plain data.

pub mod act;
pub mod answer;
pub mod command;
pub mod effect;
pub mod form;
pub mod input;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod lines;
pub mod page;
pub mod pages;
pub mod review;
pub mod state;
pub mod table;
pub mod update;

pub use effect::{Effect, Msg, Ticket};
pub use state::State;
