//! Themes: complete, readable without colour, and honest about mistakes.

use quell::app::page::Role;
use quell::ui::Theme;
use quell::ui::theme::{BUILTIN, Depth, depth};
use ratatui::style::{Color, Modifier};

#[test]
fn every_theme_sets_every_role() {
    for (name, text) in BUILTIN {
        if let Err(problem) = Theme::parse(name, text) {
            panic!("{problem}");
        }
    }
}

#[test]
fn a_mistake_names_the_file_and_the_role() {
    let (_, ansi) = BUILTIN[0];
    let without_high = ansi.lines().filter(|line| !line.starts_with("high ")).collect::<Vec<_>>().join("\n");
    let cases: &[(&str, &str)] = &[
        ("inherits = \"dark\"\nhihg = \"red\"", "my.toml: unknown role hihg"),
        ("inherits = \"dark\"\nhigh = \"redd\"", "my.toml: role high has the unknown colour or modifier redd"),
        ("inherits = \"dark\"\nhigh = 3", "my.toml: role high is not a text"),
        ("inherits = \"dark\"\nhigh = \"red on\"", "my.toml: role high has no colour behind `on`"),
        ("inherits = \"dusk\"", "my.toml: inherits names no theme"),
        (&without_high, "my.toml: role high is not set"),
        ("high = ", "my.toml: it is no TOML"),
    ];
    for (text, expected) in cases {
        let problem = Theme::parse("my.toml", text).unwrap_err().to_string();
        assert!(problem.starts_with(expected), "{text:?} gave {problem:?}");
    }
}

#[test]
fn a_theme_can_start_from_another() {
    let theme = Theme::parse("my.toml", "inherits = \"mono\"\nhigh = \"bright-red on 17 bold\"").unwrap();
    let high = theme.style(Role::High);
    assert_eq!(
        (high.fg, high.bg, high.add_modifier),
        (Some(Color::LightRed), Some(Color::Indexed(17)), Modifier::BOLD)
    );
    assert_eq!(theme.style(Role::Cursor), Theme::builtin("mono").unwrap().style(Role::Cursor));
}

#[test]
fn the_default_theme_paints_no_background() {
    let theme = Theme::builtin("ansi").unwrap();
    for role in Role::ALL {
        let style = theme.style(*role);
        assert!(matches!(style.bg, None | Some(Color::Reset)), "{}", role.name());
        assert!(!matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))), "{}", role.name());
    }
}

#[test]
fn mono_has_no_colour_and_still_shows_the_cursor() {
    let theme = Theme::builtin("mono").unwrap();
    for role in Role::ALL {
        let style = theme.style(*role);
        assert_eq!((style.fg, style.bg), (None, None), "{}", role.name());
    }
    assert!(theme.style(Role::Cursor).add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn fewer_colours_keep_what_is_dark_dark() {
    let dark = Theme::builtin("dark").unwrap();
    let text = |theme: &Theme| (theme.style(Role::Text).fg, theme.style(Role::Text).bg);
    assert_eq!(text(&dark.clone().reduced(Depth::True)), text(&dark));
    assert_eq!(text(&dark.clone().reduced(Depth::Ansi256)), (Some(Color::Indexed(188)), Some(Color::Indexed(234))));
    let sixteen = dark.clone().reduced(Depth::Ansi16);
    let ansi = Theme::builtin("ansi").unwrap();
    assert!(Role::ALL.iter().all(|role| sixteen.style(*role) == ansi.style(*role)), "unreadable guesses");
    assert_eq!(text(&dark.reduced(Depth::Mono)), (Some(Color::Reset), Some(Color::Reset)));
}

#[test]
fn the_environment_says_how_many_colours_there_are() {
    let cases = [
        ((None, Some("truecolor"), Some("xterm-256color")), Depth::True),
        ((None, None, Some("xterm-direct")), Depth::True),
        ((None, None, Some("tmux-256color")), Depth::Ansi256),
        ((None, None, Some("xterm")), Depth::Ansi16),
        ((None, None, None), Depth::Ansi16),
        ((Some(""), None, Some("xterm")), Depth::Ansi16),
        ((Some("1"), Some("truecolor"), Some("xterm-256color")), Depth::Mono),
        ((None, Some("truecolor"), Some("dumb")), Depth::Mono),
    ];
    for ((no_color, colorterm, term), expected) in cases {
        assert_eq!(depth(no_color, colorterm, term), expected, "{no_color:?} {colorterm:?} {term:?}");
    }
}
