//! What a run says about itself that makes its results fewer than they should be (2.1.0, 3.20 and 3.58).

use crate::model::grade::Level;

use super::json::{Owned, Said};
use super::message::{self, Template};
use super::notes::Oddity;
use super::sarif::part::Message;
use super::sarif::run::{Descriptor, Invocation, Notification, Run};

/// One thing that went wrong with a scan.
pub(super) struct Trouble {
    /// Below the run.
    pub(super) place: String,
    pub(super) oddity: Oddity,
    /// Whether results are missing, as far as the tool knows; a warning says that some may be.
    pub(super) is_error: bool,
}

const FAILED: &str = "the tool says that its run failed; findings may be missing";
const ERROR: &str = "the tool reports an error; findings may be missing";
const WARNING: &str = "the tool warns";

/// Failed invocations, and notifications at error and warning.
pub(super) fn troubles(run: &Run) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for (number, invocation) in run.invocations.0.iter().enumerate() {
        if let Some(why) = failure(invocation) {
            let place = if number == 0 { "invocations".to_owned() } else { format!("invocations/{number}") };
            troubles.push(Trouble { place, oddity: Oddity::harmless(FAILED, why), is_error: true });
        }
        let lists = [
            ("toolExecutionNotifications", &invocation.of_tool),
            ("toolConfigurationNotifications", &invocation.of_configuration),
        ];
        for (name, list) in lists {
            for (at, notification) in list.0.iter().enumerate() {
                let place = format!("invocations/{number}/{name}/{at}");
                troubles.extend(trouble(run, notification, place));
            }
        }
    }
    troubles
}

/// Why an invocation failed, empty where it only says that it did; `None` where it did not.
fn failure(invocation: &Invocation) -> Option<String> {
    let is_failed = invocation.is_successful.get().is_some_and(|text| text.eq_ignore_ascii_case("false"));
    let stated = [&invocation.start_failure, &invocation.signal].into_iter().filter_map(Said::get);
    let stated = stated.map(str::trim).find(|text| !text.is_empty());
    if !is_failed && stated.is_none() {
        return None;
    }
    let code = invocation.exit_code.0.map(|code| format!("exit code {code}"));
    let words = [stated.map(str::to_owned), code, invocation.exit_words.0.clone()];
    Some(words.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "))
}

fn trouble(run: &Run, notification: &Notification, place: String) -> Option<Trouble> {
    let descriptor = descriptor(run, notification);
    let by_default = || descriptor?.configuration.level.get();
    let level = notification.level.get().or_else(by_default).map_or(Level::Warning, |text| super::lower::level(text).0);
    let (kind, is_error) = match level {
        Level::Error => (ERROR, true),
        Level::Warning => (WARNING, false),
        Level::Note | Level::None => return None,
    };
    let said =
        [&notification.message, &notification.exception.message].into_iter().find_map(|text| said(text, descriptor));
    let said = said.or_else(|| notification.exception.kind.0.clone()).unwrap_or_default();
    let file = notification.locations.0.first().and_then(|location| location.physical.artifact.uri.get());
    // Some tools write several lines.
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = file.into_iter().chain([said.as_str()]).filter(|text| !text.is_empty()).collect();
    let what = words.join(": ").chars().take(LONGEST).collect::<String>();
    Some(Trouble { place, oddity: Oddity::harmless(kind, what), is_error })
}

/// Characters of a notification that are kept: tools put whole logs there.
const LONGEST: usize = 400;

fn descriptor<'a>(run: &'a Run, notification: &Notification) -> Option<&'a Descriptor> {
    let known = &run.tool.driver.notifications.0;
    let pointer = notification.descriptor.pointer();
    let id = pointer.id.or(notification.id.get());
    let by_id = || known.iter().find(|descriptor| id.is_some() && descriptor.id.get() == id);
    pointer.index.position().and_then(|index| known.get(index)).or_else(by_id)
}

fn said(text: &Message<Owned>, descriptor: Option<&Descriptor>) -> Option<String> {
    let own = text.text.get().filter(|text| !text.is_empty()).map(Template::own);
    let shared = || Some(Template::shared(descriptor?.strings.get(text.id.get()?)?.text.get()?));
    let template = own.or_else(shared).or_else(|| text.markdown.get().map(Template::own))?;
    let arguments: Vec<&str> = text.arguments.0.iter().map(|text| text.get().unwrap_or_default()).collect();
    Some(message::text(template, &arguments).into_owned())
}
