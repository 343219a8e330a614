//! The backlog with what is derived about each finding: all that a row or a query needs.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::ai::Attached;
use super::backlog::{Backlog, FindingIdx, Record, ResultIdx};
use super::bits::Bits;
use super::bound::Tie;
use super::decision::{Anchor, Event, Flag, Flags, Op, Standing, Status};
use super::due::{Due, date_of, day, day_of};
use super::evidence::{Frame, Polarity, Rung};
use super::funnel::Funnel;
use super::grade::{Baseline, Severity};
use super::offer::Offers;
use super::owners::Owners;
use super::policy::Policies;
use super::reach::{Judged, Lane, Note, Reaches};
use super::remedy::{Remedies, Remedy};
use super::sightings::{Sightings, Sign};
use super::standings::Standings;
use super::text::counted;

/// What the list, queries and commands read. Columns have one entry for each finding of the backlog.
#[derive(Clone, Debug)]
pub struct Board {
    pub backlog: Arc<Backlog>,
    pub standings: Arc<Standings>,
    /// Every event of the ledger that could be read.
    pub events: Arc<Vec<Event>>,
    /// What decisions have to keep to.
    pub policies: Arc<Policies>,
    /// Fixes that no report carries.
    pub offers: Arc<Offers>,
    /// Who owns the files of findings by CODEOWNERS.
    pub owners: Arc<Owners>,
    /// Verdicts of models that stand in files of their own: sorted by result.
    pub attached: Arc<[(ResultIdx, Attached)]>,
    /// The findings of which a model says something that was made on other code, as it was when all was loaded.
    pub ai_stale: Arc<Bits>,
    /// What one change would clear; `None` until somebody asks for it.
    pub remedies: Option<Arc<Remedies>>,
    /// What follows from the evidence; empty until it is looked for.
    pub reaches: Arc<Reaches>,
    /// How many findings stand where; nowhere until it is counted.
    pub funnel: Funnel,
    /// What earlier scans say; empty until they are looked at.
    pub sightings: Arc<Sightings>,
    /// The days that findings may take.
    pub due: Due,
    /// The day that ages and expiry are counted from.
    pub today: Date,
    /// Short name of the repository, for the header and JSON.
    pub repo: Arc<str>,
}

impl Board {
    pub fn empty(today: Date) -> Self {
        Self {
            backlog: Arc::default(),
            standings: Arc::default(),
            events: Arc::default(),
            policies: Arc::default(),
            offers: Arc::default(),
            owners: Arc::default(),
            attached: Arc::default(),
            ai_stale: Arc::default(),
            remedies: None,
            reaches: Arc::default(),
            funnel: Funnel::default(),
            sightings: Arc::default(),
            due: Due::default(),
            today,
            repo: Arc::from(""),
        }
    }

    /// How many fixes a finding has, those of reports and others.
    pub fn fixes(&self, finding: FindingIdx) -> usize {
        let offered = if self.offers.is_empty() { 0 } else { self.offers.count(self.backlog.id(finding)) };
        usize::from(self.backlog.finding(finding).fixes) + offered
    }

    /// The findings with a fix.
    pub fn fixable(&self) -> Cow<'_, Bits> {
        let known = &self.backlog.order().fixable;
        if self.offers.is_empty() {
            return Cow::Borrowed(known);
        }
        let mut fixable = known.clone();
        let offered = self.offers.findings().filter_map(|id| Some((id, self.backlog.find(id)?)));
        fixable.extend(offered.filter(|(id, found)| self.backlog.id(*found) == *id).map(|(_, found)| found));
        Cow::Owned(fixable)
    }

    /// Whether a finding has a fix; cheap enough to ask of all.
    pub fn is_fixable(&self, finding: FindingIdx) -> bool {
        let order = self.backlog.order();
        order.fixable.has(finding) || !self.offers.is_empty() && self.fixes(finding) > 0
    }

    pub fn lead(&self, finding: FindingIdx) -> &Record {
        self.backlog.lead(finding)
    }

    pub fn standing(&self, finding: FindingIdx) -> &Standing {
        &self.standings[finding]
    }

    pub fn status(&self, finding: FindingIdx) -> Status {
        self.standing(finding).status
    }

    /// Whether a finding is work that is left: open by its decisions, a problem by its kind, neither
    /// suppressed nor absent in the report. The console and the gate start from these.
    pub fn is_open(&self, finding: FindingIdx) -> bool {
        self.backlog.is_live(finding) && self.status(finding).is_open()
    }

    /// Whether a finding is to be dealt with at once. As long as nothing was looked for, that is what its severity says:
    /// what is not known lowers nothing.
    pub fn is_act_now(&self, finding: FindingIdx) -> bool {
        let is_urgent = match self.judged(finding) {
            Some(judged) => judged.lane == Lane::ActNow,
            None => self.backlog.finding(finding).severity >= Severity::High,
        };
        is_urgent && self.is_open(finding)
    }

    /// What follows from the evidence of a finding; `None` as long as nothing was looked for.
    pub fn judged(&self, finding: FindingIdx) -> Option<Judged> {
        self.reaches.of(finding)
    }

    /// The flags of a finding, those of its decisions, those of its evidence and those of its scans.
    pub fn flags(&self, finding: FindingIdx) -> Flags {
        let mut flags = self.standing(finding).flags;
        if self.judged(finding).is_some_and(|judged| judged.has(Note::Conflict)) {
            flags = flags.with(Flag::ReachConflict);
        }
        if self.came_back(finding) { flags.with(Flag::CameBack) } else { flags }
    }

    /// Whether no earlier scan has a finding, or its report calls it new.
    pub fn is_new(&self, finding: FindingIdx) -> bool {
        let mut records = self.backlog.members(finding).iter().map(|&result| self.backlog.record(result));
        self.sightings.has(finding, Sign::New) || records.any(|record| record.baseline() == Baseline::New)
    }

    /// Whether a finding was gone and is there again: by its scans as long as nothing was decided since, or by a decision.
    pub fn came_back(&self, finding: FindingIdx) -> bool {
        let standing = self.standing(finding);
        let is_decided_since = |returned: Timestamp| {
            let events = standing.events.iter().filter_map(|&event| self.events.get(event as usize));
            let mut decided = events.filter(|event| event.op != Op::Comment.name() && event.op != Op::Assign.name());
            decided.any(|event| event.at > returned)
        };
        standing.flags.has(Flag::CameBack)
            || self.sightings.returned(finding).is_some_and(|returned| !is_decided_since(returned))
    }

    /// The last day on which an open finding is in time, by its lane; `None` where its lane has no end.
    pub fn due(&self, finding: FindingIdx) -> Option<Date> {
        date_of(self.due_day(finding)?)
    }

    /// The same as days since 1970-01-01; cheap enough to ask of all.
    pub fn due_day(&self, finding: FindingIdx) -> Option<i64> {
        let lane = self.judged(finding)?.lane;
        self.due.days(lane)?;
        let first = self.is_open(finding).then(|| self.first_seen(finding))??;
        self.due.day(lane, day_of(first))
    }

    /// `2026-12-01, 3 days left`.
    pub fn due_in_words(&self, finding: FindingIdx) -> Option<String> {
        let due = self.due_day(finding)?;
        let days = |days: i64| counted(usize::try_from(days).unwrap_or_default(), "day", "days");
        let left = match due - day(self.today) {
            0 => "the last day".to_owned(),
            late if late < 0 => format!("{} overdue", days(-late)),
            left => format!("{} left", days(left)),
        };
        Some(format!("{}, {left}", date_of(due)?))
    }

    /// `first seen 2026-11-02 or before`.
    pub fn seen_in_words(&self, finding: FindingIdx) -> Option<String> {
        let first = date_of(day_of(self.first_seen(finding)?))?;
        let or_before = if self.is_first_seen_guessed(finding) { " or before" } else { "" };
        Some(format!("first seen {first}{or_before}"))
    }

    /// `new`, or `came back 2026-11-02`.
    pub fn news_in_words(&self, finding: FindingIdx) -> Option<String> {
        if self.is_new(finding) {
            return Some("new".to_owned());
        }
        let returned = date_of(day_of(self.sightings.returned(finding)?))?;
        Some(format!("came back {returned}"))
    }

    /// Whether an open finding should have been dealt with before today.
    pub fn is_overdue(&self, finding: FindingIdx) -> bool {
        self.due_day(finding).is_some_and(|due| due < day(self.today))
    }

    /// Who owns a finding: whom it was given to, else those who own the file of its shown result, all of them together.
    pub fn owner(&self, finding: FindingIdx) -> Option<&str> {
        let given = self.standing(finding).owner.as_deref();
        given.or_else(|| self.owners.of(self.lead(finding).path).map(|all| &*all.label))
    }

    /// What shows that decisions are about a finding that they do not simply name, and what they were made about; of several
    /// what tells least. `None` where ids are enough, and where nothing was decided.
    pub fn tied(&self, finding: FindingIdx) -> Option<(Tie, &Anchor)> {
        let bound = &self.standings.bound;
        let holds = self.backlog.members(finding).iter().flat_map(|&at| bound.of(self.backlog.record(at).id));
        let tied = holds.filter_map(|hold| {
            let anchor = self.events.get(hold.event as usize)?.members.get(hold.member as usize)?;
            Some((hold.tie?, anchor))
        });
        tied.max_by_key(|(tie, _)| *tie as u8)
    }

    /// Makes what lists and questions need, so that no frame has to: to be called off the drawing path.
    pub fn prepare(&self) {
        self.backlog.prepare();
        self.worst_first();
    }

    /// Where the repository's own code first stands on a path to a finding, by its evidence.
    pub fn own_frame(&self, finding: FindingIdx) -> Option<&Frame> {
        let evidence = &self.backlog.evidence;
        let statements = self.reaches.statements(finding).filter_map(|number| evidence.statements.get(number as usize));
        let paths = statements.filter(|one| one.rung == Rung::Called && one.polarity == Polarity::Yes);
        paths.flat_map(|one| &one.path).find(|frame| frame.is_own && !frame.path.is_empty())
    }

    /// All findings, what matters most first.
    pub fn worst_first(&self) -> &[FindingIdx] {
        if self.reaches.verdicts.is_empty() {
            return &self.backlog.order().by_severity;
        }
        self.reaches.order(&self.backlog)
    }

    /// The change that clears a finding, where somebody asked for remedies and it has one.
    pub fn remedy(&self, finding: FindingIdx) -> Option<&Remedy> {
        self.remedies.as_ref()?.of(finding)
    }

    /// The earliest moment at which a finding is known to have been there: the time of its oldest scan, report or event.
    pub fn first_seen(&self, finding: FindingIdx) -> Option<Timestamp> {
        self.sightings.first(finding).into_iter().chain(self.first_told(finding)).min()
    }

    /// Whether a finding may have been there before [`Self::first_seen`]: no earlier scan shows that it was not.
    pub fn is_first_seen_guessed(&self, finding: FindingIdx) -> bool {
        let told = self.first_told(finding);
        let is_known = |scan: Timestamp| {
            !self.sightings.has(finding, Sign::Guessed) && told.is_none_or(|told| scan.as_second() <= told.as_second())
        };
        !self.sightings.first(finding).is_some_and(is_known)
    }

    /// The time of its oldest report or event.
    fn first_told(&self, finding: FindingIdx) -> Option<Timestamp> {
        let backlog = &self.backlog;
        let made = |result: &ResultIdx| backlog.report(backlog.record(*result)).made;
        let reports = match &backlog.reports[..] {
            // Where no record has to be read, this can be asked of all findings.
            [only] => only.made,
            _ => backlog.members(finding).iter().filter_map(made).min(),
        };
        let events = self.standing(finding).events.iter().filter_map(|&event| self.events.get(event as usize));
        reports.into_iter().chain(events.map(|event| event.at)).min()
    }

    /// The ids of the results of a finding, as events name them.
    pub fn result_ids(&self, finding: FindingIdx) -> Vec<String> {
        let results = self.backlog.members(finding).iter();
        results.map(|&result| self.backlog.record(result).id.to_string()).collect()
    }

    /// What was decided about a finding, oldest first.
    pub fn history(&self, finding: FindingIdx) -> Vec<Past<'_>> {
        let numbers = self.standing(finding).events.iter();
        let mut history: Vec<Past> = numbers
            .filter_map(|&number| self.events.get(number as usize))
            .map(|event| Past { event, is_taken_back: false })
            .collect();
        // A revoke is younger than what it names, so the youngest is settled first.
        for at in (0..history.len()).rev() {
            let Past { event, is_taken_back } = history[at];
            if event.op == Op::Revoke.name() && !is_taken_back {
                for past in history.iter_mut().filter(|past| event.supersedes.contains(&past.event.id)) {
                    past.is_taken_back = true;
                }
            }
        }
        history
    }
}

/// One event of a finding's history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past<'a> {
    pub event: &'a Event,
    /// Whether a revoke that is in effect names it.
    pub is_taken_back: bool,
}
