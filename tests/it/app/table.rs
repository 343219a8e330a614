//! The command table: what must be true of every row.

use std::collections::HashSet;

use quell::app::command::Scope;
use quell::app::key::Key;
use quell::app::keymap::{Keymap, Lookup};
use quell::app::table::COMMANDS;

#[test]
fn names_are_unique_and_every_command_has_keys_and_help() {
    let mut names = HashSet::new();
    for command in COMMANDS {
        assert!(names.insert(command.name), "{} stands twice", command.name);
        assert!(!command.help.is_empty() && !command.keys.is_empty(), "{}", command.name);
        assert!(!command.help.ends_with('.'), "{}", command.name);
    }
}

#[test]
fn keys_can_be_read_and_mean_one_thing_in_a_scope() {
    let mut bound = HashSet::new();
    for command in COMMANDS {
        for keys in command.keys {
            assert!(Key::parse_all(keys).is_some_and(|keys| !keys.is_empty()), "{keys} of {}", command.name);
            assert!(bound.insert((command.scope, *keys)), "{keys} of {} is bound twice", command.name);
        }
    }
}

#[test]
fn no_sequence_begins_with_a_whole_binding() {
    let map = Keymap::default();
    for command in COMMANDS {
        for keys in command.keys.iter().filter_map(|keys| Key::parse_all(keys)) {
            for length in 1..keys.len() {
                let found = map.look_up(command.scope, &keys[..length]);
                assert!(matches!(found, Lookup::Prefix), "{} cannot be typed", command.name);
            }
        }
    }
}

#[test]
fn keys_that_terminals_and_multiplexers_take_are_not_used() {
    for command in COMMANDS {
        for keys in command.keys {
            for taken in ["ctrl-a", "ctrl-b", "ctrl-s", "ctrl-q", "ctrl-\\"] {
                assert!(!keys.split(' ').any(|key| key == taken), "{} uses {taken}", command.name);
            }
        }
    }
}

#[test]
fn an_override_replaces_all_keys_of_a_command() {
    let (map, errors) = Keymap::with(&[("false-positive".to_owned(), vec!["X".to_owned()])]);
    assert!(errors.is_empty());
    assert!(
        matches!(map.look_up(Scope::List, &[Key::char('X')]), Lookup::Command(command) if command.name == "false-positive")
    );
    assert!(matches!(map.look_up(Scope::List, &[Key::char('x')]), Lookup::Nothing));
    let (_, errors) =
        Keymap::with(&[("no-such".to_owned(), vec!["X".to_owned()]), ("undo".to_owned(), vec!["hyper-x".to_owned()])]);
    assert_eq!(errors.len(), 2, "{errors:?}");
}
