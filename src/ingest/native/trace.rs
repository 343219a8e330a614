//! The flow of a Semgrep result: `["CliLoc", [place, code]]`, or `["CliCall", [[place, code], steps, trace]]` where
//! the value goes through a call.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ingest::json::{List, Owned, Said, lenient};

use super::semgrep::{Position, region};
use super::write::Location;

lenient! {
    /// `dataflow_trace`.
    Trace {
        source: Call = "taintSource",
        steps: List<Step> = "intermediateVars",
        sink: Call = "taintSink",
    }
}

lenient! {
    /// A variable that the value goes through.
    Step {
        place: Place = "location",
        content: Owned = "content",
    }
}

lenient! {
    Place {
        path: Owned = "path",
        start: Position = "start",
        end: Position = "end",
    }
}

/// One end of a flow, as the report has it.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Call(Option<Value>);

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}

/// Calls that are followed into each other.
const MAX_DEPTH: usize = 100;

impl Trace {
    /// The steps from source to sink.
    pub(super) fn steps(self) -> Vec<Location> {
        let mut steps = Vec::new();
        ends(self.source.0.as_ref(), "Source", &mut steps);
        let between = self.steps.0.into_iter();
        steps.extend(
            between.filter_map(|step| location(step.place, "Propagator", step.content.get().unwrap_or_default())),
        );
        ends(self.sink.0.as_ref(), "Sink", &mut steps);
        steps
    }
}

/// Adds the places of one end, from the outermost call to the innermost.
fn ends(call: Option<&Value>, role: &str, into: &mut Vec<Location>) {
    let mut call = call;
    for _ in 0..MAX_DEPTH {
        let Some((kind, content)) = call.and_then(|call| Some((call.get(0)?.as_str()?, call.get(1)?))) else { return };
        let is_call = kind == "CliCall";
        let (place, next) = if is_call { (content.get(0), content.get(2)) } else { (Some(content), None) };
        into.extend(place.and_then(|place| {
            let at: Place = serde_json::from_value(place.get(0)?.clone()).ok()?;
            location(at, role, place.get(1)?.as_str()?)
        }));
        let between = if is_call { content.get(1).and_then(Value::as_array) } else { None };
        for step in between.into_iter().flatten() {
            let step: Step = serde_json::from_value(step.clone()).unwrap_or_default();
            into.extend(location(step.place, "Propagator", step.content.get().unwrap_or_default()));
        }
        call = next;
    }
}

fn location(place: Place, role: &str, code: &str) -> Option<Location> {
    let path = place.path.0?;
    let code = code.trim();
    let region = region(&place.start, &place.end).showing(code.to_owned());
    Some(Location::new(&path).at(region).saying(format!("{role}: `{code}`")))
}
