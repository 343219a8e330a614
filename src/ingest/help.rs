//! Help of the rules of a run: the longest texts of its metadata, which no load needs and nobody looks at but one by one.

use super::json::{List, Owned, Said, lenient};
use super::rules::RuleAt;
use super::sarif::part::Message;
use super::sarif::run::{Descriptors, Keyed};
use super::walk;

lenient! {
    /// `run` (3.14), as far as it holds help.
    HelpRun {
        tool: HelpTool = "tool",
        /// SARIF 2.0.0.
        resources: HelpComponent = "resources",
    }
}

lenient! {
    /// `tool` (3.18).
    HelpTool {
        driver: HelpComponent = "driver",
        extensions: List<HelpComponent> = "extensions",
    }
}

lenient! {
    /// `toolComponent` (3.19).
    HelpComponent {
        rules: Descriptors<HelpRule> = "rules",
    }
}

lenient! {
    /// `reportingDescriptor` (3.49).
    HelpRule {
        help: Message<Owned> = "help",
    }
}

impl Keyed for HelpRule {
    fn keyed(&mut self, _: String) {}
}

/// Help by component and position, as [`RuleAt`] counts.
pub(super) struct Help(Vec<Vec<Message<Owned>>>);

impl Help {
    /// Reads it from the text of a run without its results.
    pub(super) fn read(skeleton: &[u8]) -> Self {
        let HelpRun { mut tool, resources } = walk::parse(skeleton).0;
        if tool.driver.rules.0.is_empty() {
            tool.driver = resources;
        }
        let components = std::iter::once(tool.driver).chain(tool.extensions.0);
        Self(components.map(|component| component.rules.0.into_iter().map(|rule| rule.help).collect()).collect())
    }

    pub(super) fn of(&self, (component, index): RuleAt) -> Option<&str> {
        let help = self.0.get(component)?.get(index)?;
        help.text.get().or(help.markdown.get())
    }
}
