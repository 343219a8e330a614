//! Forms and questions: dialogs as data. A dialog holds exactly what its "yes" releases.

use std::sync::Arc;

use crate::model::decision::Request;
use crate::model::plan::Plan;

use super::input::LineInput;
use super::page::Line;

/// A short form for a decision.
#[derive(Clone, Debug)]
pub struct Form {
    /// Name under which its text is kept when it is closed: the operation.
    pub name: String,
    pub title: String,
    pub fields: Vec<Field>,
    /// The field that has the keys.
    pub at: usize,
    /// What will be decided; the fields are put in when it is released.
    pub request: Request,
    /// What it is about: the targets, worst first, hidden ones included.
    pub about: Vec<Line>,
    /// Why it was not released.
    pub error: Option<String>,
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    pub label: &'static str,
    pub kind: FieldKind,
    pub input: LineInput,
    pub is_required: bool,
    /// Shown behind the field.
    pub hint: String,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Reason,
    /// A date; `+` and `-` move it by 30 days.
    Until,
    Ticket,
    /// Who answers for the risk.
    RiskOwner,
    /// What lowers the risk instead.
    Control,
    /// What it is about beside the findings: one of `SCOPES`, with a glob or a range behind a colon.
    Scope,
    /// New owner of the finding.
    Owner,
    /// One of `JUSTIFICATIONS`; left and right choose.
    Justification,
    DuplicateOf,
    /// The number of findings, typed to confirm a bulk decision.
    Count,
}

/// A question before something leaves the tool. The number of things is typed, then Enter.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub title: String,
    /// The exact targets.
    pub about: Vec<Line>,
    pub input: LineInput,
    /// What has to be typed.
    pub expect: String,
    pub release: Release,
    pub error: Option<String>,
}

/// What a question's "yes" releases.
#[derive(Clone, Debug)]
pub enum Release {
    Apply(Arc<Plan>),
    Decide(Box<Request>),
}
