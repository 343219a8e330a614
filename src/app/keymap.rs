//! From keys to commands: defaults of the table, then what the user's config says.

use super::command::{Command, Scope};
use super::key::Key;
use super::table::COMMANDS;

/// All bindings. Later ones win.
#[derive(Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

#[derive(Debug)]
struct Binding {
    scope: Scope,
    keys: Vec<Key>,
    command: &'static Command,
}

/// What a sequence of keys means so far.
#[derive(Clone, Copy, Debug)]
pub enum Lookup {
    Command(&'static Command),
    /// The beginning of at least one longer sequence.
    Prefix,
    Nothing,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut bindings = Vec::new();
        for command in COMMANDS {
            bind(&mut bindings, command, command.keys.iter().copied());
        }
        Self { bindings }
    }
}

impl Keymap {
    /// The defaults with overrides: command name and its new keys, which replace all of its default keys.
    /// Errors name the command or key that is wrong; that override is left out.
    pub fn with(overrides: &[(String, Vec<String>)]) -> (Self, Vec<String>) {
        let mut map = Self::default();
        let mut errors = Vec::new();
        for (name, keys) in overrides {
            let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
                errors.push(format!("there is no command `{name}`"));
                continue;
            };
            if let Some(bad) = keys.iter().find(|keys| Key::parse_all(keys).is_none_or(|keys| keys.is_empty())) {
                errors.push(format!("`{bad}` for {name} is not a key"));
                continue;
            }
            map.bindings.retain(|binding| binding.command.name != name);
            bind(&mut map.bindings, command, keys.iter().map(String::as_str));
        }
        (map, errors)
    }

    /// What these keys mean in a scope and those around it.
    pub fn look_up(&self, scope: Scope, keys: &[Key]) -> Lookup {
        let mut at = Some(scope);
        while let Some(scope) = at {
            let in_scope = || self.bindings.iter().rev().filter(move |binding| binding.scope == scope);
            if let Some(binding) = in_scope().find(|binding| binding.keys == keys) {
                return Lookup::Command(binding.command);
            }
            if in_scope().any(|binding| binding.keys.len() > keys.len() && binding.keys.starts_with(keys)) {
                return Lookup::Prefix;
            }
            at = scope.outer();
        }
        Lookup::Nothing
    }

    /// Commands that longer sequences beginning with `keys` lead to, with the key that comes next.
    pub fn continuations(&self, scope: Scope, keys: &[Key]) -> Vec<(Key, &'static Command)> {
        let mut found: Vec<(Key, &'static Command)> = Vec::new();
        let mut at = Some(scope);
        while let Some(scope) = at {
            let longer =
                self.bindings.iter().filter(|binding| binding.scope == scope && binding.keys.starts_with(keys));
            for binding in longer {
                let Some(next) = binding.keys.get(keys.len()) else { continue };
                if !found.iter().any(|(key, _)| key == next) {
                    found.push((*next, binding.command));
                }
            }
            at = scope.outer();
        }
        found
    }

    /// The keys of the command with this name as they are shown: the first binding; empty without one.
    pub fn shown(&self, name: &str) -> String {
        self.bindings
            .iter()
            .find(|binding| binding.command.name == name)
            .map(|binding| binding.keys.iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    /// All keys of a command, blank-separated, for help.
    pub fn all_shown(&self, command: &Command) -> String {
        let all: Vec<String> = self
            .bindings
            .iter()
            .filter(|binding| binding.command.name == command.name)
            .map(|binding| binding.keys.iter().map(ToString::to_string).collect())
            .collect();
        all.join(" ")
    }
}

fn bind<'a>(bindings: &mut Vec<Binding>, command: &'static Command, all: impl Iterator<Item = &'a str>) {
    for keys in all.filter_map(Key::parse_all) {
        bindings.push(Binding { scope: command.scope, keys, command });
    }
}
