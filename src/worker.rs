//! Does what `update` asks for: effects go to the layers below, answers come back as messages. Decides nothing.
//!
//! Four kinds of work, each in its own lane so that none waits for another: loading, looking (only the newest
//! request of a kind counts, older ones are never started), placing fixes, and writing (one after the other, in
//! the order it was asked for). Every queue has a bound.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::app::effect::{Effect, Judged, Msg, Opened, Ticket};
use crate::app::state::{Changed, Loading};
use crate::desk::{self, ApplyError, Desk, Loaded, VerifyError};
use crate::fix::Choice;
use crate::fix::verify::without;
use crate::ingest::{Intake, Progress, Reader};
use crate::model::board::Board;
use crate::model::decision::Request;
use crate::model::detail::Location;
use crate::model::fix::Proposal;
use crate::model::funnel::Funnel;
use crate::model::id::FindingId;
use crate::model::kept::KeptBatch;
use crate::model::offer::Offers;
use crate::model::plan::Plan;
use crate::model::problem::{Loss, Problem};
use crate::model::proof::{Proof, Step};
use crate::model::snippet::Snippet;
use crate::repo::watch::{Look, Watch};
use crate::source;

/// Messages and writes that may wait.
const QUEUE: usize = 256;
/// Between two progress messages.
const PROGRESS: Duration = Duration::from_millis(100);
/// Between two messages that a fix command is still at work.
const SECOND: Duration = Duration::from_secs(1);
/// A finding is read at once if none was read for so long, else when the cursor has rested for `REST`.
const IDLE: Duration = Duration::from_millis(150);
const REST: Duration = Duration::from_millis(35);
/// Code that is coloured within this time is never shown plain.
const COLOUR_SOON: Duration = Duration::from_millis(15);
/// Between two looks at whether somebody changed what was loaded.
const LOOK: Duration = Duration::from_secs(2);
/// Lines of code around a place.
const BEFORE: u32 = 6;
const AFTER: u32 = 12;

/// Effects in, answers out. Closing the first ends the worker after the writes that were asked for; its thread ends
/// then, whatever is still being read.
pub struct Link {
    pub effects: SyncSender<Effect>,
    pub answers: mpsc::Receiver<Msg>,
    pub thread: thread::JoinHandle<()>,
}

/// The running worker.
struct Worker {
    lanes: Lanes,
    runtime: Runtime,
    writer: JoinHandle<()>,
    asker: JoinHandle<()>,
    prover: JoinHandle<()>,
    keeper: JoinHandle<()>,
}

/// Ways in, one for each lane.
struct Lanes {
    load: watch::Sender<Option<Ticket>>,
    open: watch::Sender<Option<(Ticket, FindingId)>>,
    code: watch::Sender<Option<(Ticket, Location)>>,
    preview: watch::Sender<Option<(Ticket, FindingId)>>,
    plan: watch::Sender<Option<PlanRequest>>,
    remedies: watch::Sender<Option<Ticket>>,
    upgrades: watch::Sender<Option<Ticket>>,
    ask: watch::Sender<Option<Question>>,
    prove: watch::Sender<Option<(Ticket, Arc<Plan>)>>,
    keep: watch::Sender<Option<Arc<KeptBatch>>>,
    write: mpsc::Sender<Write>,
}

#[derive(Clone)]
struct PlanRequest {
    ticket: Ticket,
    findings: Vec<FindingId>,
    choice: Choice,
}

/// A fix command, by its number, is to be asked about a finding.
#[derive(Clone)]
struct Question {
    ticket: Ticket,
    finding: FindingId,
    command: usize,
}

/// Work of the serial lane.
enum Write {
    Decide(Box<Request>),
    Apply(Arc<Plan>),
    Undo(u32),
    Redo(u32),
}

/// What all lanes share.
struct Shared {
    desk: Desk,
    out: mpsc::Sender<Msg>,
    /// Held while the ledger is written or folded, so that messages leave in the order of the boards they belong to.
    turn: Mutex<()>,
    /// The newest load. Never held for long: whoever looks at a finding does not wait for a write.
    current: Mutex<Option<Current>>,
    /// What the newest load came from; `None` until it is there.
    watching: Mutex<Option<Watching>>,
    /// Asks for the number of decisions that git has not committed.
    count: watch::Sender<Option<()>>,
}

/// What was loaded, as it was and as it is.
struct Watching {
    watch: Watch,
    loaded: Look,
    last: Look,
    told: Changed,
}

#[derive(Clone)]
struct Current {
    board: Board,
    reader: Arc<Reader>,
    /// Whether it is all of the reports: on a part nothing is decided or written.
    is_whole: bool,
}

/// Starts a worker on a desk.
pub fn start(desk: Desk) -> Result<Link, Problem> {
    let no_threads = |error: io::Error| {
        Problem::of_file("", format!("no threads can be started: {error}"), "close other programs and try again")
    };
    let (out, answers) = mpsc::channel(QUEUE);
    let worker = Worker::start(desk, out).map_err(no_threads)?;
    let (effects, work) = sync_channel(QUEUE);
    let hand_over = move || {
        for effect in work {
            worker.send(effect);
        }
        worker.finish();
    };
    let thread = thread::Builder::new().name("quell-effects".to_owned()).spawn(hand_over).map_err(no_threads)?;
    Ok(Link { effects, answers, thread })
}

impl Worker {
    fn start(desk: Desk, out: mpsc::Sender<Msg>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("quell-worker")
            .enable_time()
            .build()?;
        let (count, counts) = watch::channel(None);
        let (turn, current, watching) = (Mutex::new(()), Mutex::new(None), Mutex::new(None));
        let shared = Arc::new(Shared { desk, out, turn, current, watching, count });
        runtime.spawn_blocking(source::warm_up);
        runtime.spawn(watch_lane(Arc::clone(&shared)));
        runtime.spawn(count_lane(Arc::clone(&shared), counts));
        let (write, inbox) = mpsc::channel(QUEUE);
        let writer = runtime.spawn(write_lane(Arc::clone(&shared), inbox));
        let (ask, questions) = watch::channel(None);
        let asker = runtime.spawn(ask_lane(Arc::clone(&shared), questions));
        let (prove, proofs) = watch::channel(None);
        let prover = runtime.spawn(prove_lane(Arc::clone(&shared), proofs));
        let (keep, batches) = watch::channel(None);
        let keeper = runtime.spawn(keep_lane(Arc::clone(&shared), batches));
        let lanes = Lanes {
            load: lane(&runtime, &shared, load_lane),
            open: lane(&runtime, &shared, open_lane),
            code: lane(&runtime, &shared, code_lane),
            preview: lane(&runtime, &shared, preview_lane),
            plan: lane(&runtime, &shared, plan_lane),
            remedies: lane(&runtime, &shared, remedies_lane),
            upgrades: lane(&runtime, &shared, upgrades_lane),
            ask,
            prove,
            keep,
            write,
        };
        Ok(Self { lanes, runtime, writer, asker, prover, keeper })
    }

    /// Takes one effect. Those of the session (editor, clipboard, mouse, suspend, quit) are not for the worker.
    fn send(&self, effect: Effect) {
        let lanes = &self.lanes;
        match effect {
            Effect::Load(ticket) => drop(lanes.load.send(Some(ticket))),
            Effect::StopLoading => drop(lanes.load.send(None)),
            Effect::Open(ticket, finding) => drop(lanes.open.send(Some((ticket, finding)))),
            Effect::Code(ticket, location) => drop(lanes.code.send(Some((ticket, *location)))),
            Effect::Preview(ticket, finding) => drop(lanes.preview.send(Some((ticket, finding)))),
            Effect::Plan { ticket, findings, dropped, include, at, hunks } => {
                let choice = Choice { dropped, include, at, hunks: Arc::unwrap_or_clone(hunks), is_brief: false };
                drop(lanes.plan.send(Some(PlanRequest { ticket, findings, choice })));
            }
            Effect::Remedies(ticket) => drop(lanes.remedies.send(Some(ticket))),
            Effect::Upgrades(ticket) => drop(lanes.upgrades.send(Some(ticket))),
            Effect::Ask { ticket, finding, command } => {
                drop(lanes.ask.send(Some(Question { ticket, finding, command })));
            }
            Effect::StopAsking => drop(lanes.ask.send(None)),
            Effect::Prove(ticket, plan) => drop(lanes.prove.send(Some((ticket, plan)))),
            Effect::StopProving => drop(lanes.prove.send(None)),
            Effect::KeepBatch(batch) => drop(lanes.keep.send(Some(batch))),
            Effect::Decide(request) => self.write(Write::Decide(request)),
            Effect::Apply(plan) => self.write(Write::Apply(plan)),
            Effect::Undo(count) => self.write(Write::Undo(count)),
            Effect::Redo(count) => self.write(Write::Redo(count)),
            Effect::Edit { .. }
            | Effect::EditHunk(_)
            | Effect::Copy(_)
            | Effect::MouseCapture(_)
            | Effect::GoOn(_)
            | Effect::Suspend
            | Effect::Quit => {}
        }
    }

    /// A full queue makes the sender wait: a decision is never dropped in silence.
    fn write(&self, write: Write) {
        drop(self.lanes.write.blocking_send(write));
    }

    /// Lets the writes that were asked for end, and stops the user's programs. Nothing that only reads is waited for.
    fn finish(self) {
        let Self { lanes, runtime, writer, asker, prover, keeper } = self;
        drop(lanes);
        drop(runtime.block_on(writer));
        drop(runtime.block_on(keeper));
        // A program that was asked does not outlive the console.
        drop(runtime.block_on(asker));
        drop(runtime.block_on(prover));
        runtime.shutdown_background();
    }
}

/// Starts a lane that only ever works on the newest request.
fn lane<T, F>(
    runtime: &Runtime,
    shared: &Arc<Shared>,
    run: fn(Arc<Shared>, watch::Receiver<Option<T>>) -> F,
) -> watch::Sender<Option<T>>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = watch::channel(None);
    runtime.spawn(run(Arc::clone(shared), receiver));
    sender
}

/// The next request, `None` when the worker ends.
async fn newest<T: Clone>(requests: &mut watch::Receiver<Option<T>>) -> Option<T> {
    loop {
        requests.changed().await.ok()?;
        if let Some(request) = requests.borrow_and_update().clone() {
            return Some(request);
        }
    }
}

/// Keeps the newest batch; the last one also where the worker ends.
async fn keep_lane(shared: Arc<Shared>, mut batches: watch::Receiver<Option<Arc<KeptBatch>>>) {
    while let Some(batch) = newest(&mut batches).await {
        let job_shared = Arc::clone(&shared);
        let kept = spawn_blocking(move || job_shared.desk.keep_batch(&batch)).await;
        if let Ok(Err(problem)) = kept {
            drop(shared.out.send(Msg::Notice(problem)).await);
        }
    }
}

async fn load_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<Ticket>>) {
    while let Some(ticket) = newest(&mut requests).await {
        let progress = Arc::new(Progress::default());
        let (job_shared, job_progress) = (Arc::clone(&shared), Arc::clone(&progress));
        let mut job = spawn_blocking(move || load(&job_shared, ticket, &job_progress));
        loop {
            tokio::select! {
                _ = &mut job => break,
                () = tokio::time::sleep(PROGRESS) => {
                    // A screen that does not keep up misses a number, not an answer.
                    drop(shared.out.try_send(Msg::Progress(loading(&progress))));
                }
                changed = requests.changed() => {
                    progress.cancel.store(true, Ordering::Relaxed);
                    if changed.is_err() {
                        return;
                    }
                    requests.mark_changed();
                    break;
                }
            }
        }
    }
}

fn loading(progress: &Progress) -> Loading {
    Loading {
        bytes: progress.bytes.load(Ordering::Relaxed),
        total: progress.total.load(Ordering::Relaxed),
        results: progress.results.load(Ordering::Relaxed),
        waits_for: progress.waits_for.lock().unwrap_or_else(PoisonError::into_inner).clone(),
    }
}

/// One load, and meanwhile a look at the beginnings of what it reads. A list that is there already stays until it ends.
fn load(shared: &Arc<Shared>, ticket: Ticket, progress: &Arc<Progress>) {
    let found = shared.desk.find();
    if shared.current().is_none() {
        begin(shared, ticket, &found.intake, progress);
    }
    let Loaded { mut board, reader, mut problems, watch, look } = shared.desk.load(found, progress);
    if progress.is_cancelled() {
        return;
    }
    board.prepare();
    if let Some(what) = shared.desk.repo.interrupted() {
        problems.insert(0, what);
    }
    let branch = shared.desk.repo.branch();
    // The ledger may have grown while the reports were read: what counts is how it stands under the lock.
    let turn = shared.turn();
    // Nobody has heard of it yet: a load that was stopped before this leaves everything as it is, and one that was not
    // is what there is from here on.
    if progress.cancel.swap(true, Ordering::Relaxed) {
        return;
    }
    let watching = Watching { watch, last: look.clone(), loaded: look, told: Changed::default() };
    *shared.watching() = Some(watching);
    let answers = shared.current().map(|before| before.board.offers);
    let answers = answers.iter().flat_map(|offers| offers.all()).filter(|proposal| desk::is_answer(proposal));
    Arc::make_mut(&mut board.offers).add(answers.cloned().collect());
    shared.judge(&mut board, &reader, false);
    let is_first = shared.current().is_none_or(|before| !before.is_whole);
    let current = Current { board: board.clone(), reader, is_whole: true };
    shared.set_current(current.clone());
    shared.say(Msg::Loaded { ticket, board, problems, branch });
    if let Some(batch) = shared.desk.kept_batch().filter(|_| is_first) {
        shared.say(Msg::KeptBatch(Box::new(batch)));
    }
    drop(turn);
    shared.count.send_replace(Some(()));
    shared.desk.keep_scanned(&current.board, &current.reader);
}

/// Shows the first rows before anything else is done, and more of them on a thread of its own: those that read all are
/// busy. Without one there are no more until all is there.
fn begin(shared: &Arc<Shared>, ticket: Ticket, intake: &Arc<Intake>, progress: &Progress) {
    let mut sizes = intake.beginnings().into_iter();
    let progress = progress.beside();
    // Rules can be so long that the first results stand far behind them.
    let _shown = sizes.find(|size| show_beginning(shared, ticket, (intake, *size), &progress));
    if sizes.len() == 0 {
        return;
    }
    let (shared, intake) = (Arc::clone(shared), Arc::clone(intake));
    let work = move || {
        // What sorts in parallel does so here, and waits for none of those that read.
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else { return };
        for size in sizes {
            let _shown = pool.install(|| show_beginning(&shared, ticket, (&intake, size), &progress));
        }
    };
    drop(thread::Builder::new().name("quell-beginning".to_owned()).spawn(work));
}

/// Whether there was something to show.
fn show_beginning(shared: &Shared, ticket: Ticket, (intake, size): (&Intake, u64), progress: &Progress) -> bool {
    let (board, reader) = shared.desk.begin(intake, size, progress);
    if board.backlog.findings.is_empty() {
        return false;
    }
    board.backlog.prepare();
    let _turn = shared.turn();
    // The whole is there, or nobody wants it any more.
    if progress.is_cancelled() {
        return false;
    }
    shared.set_current(Current { board: board.clone(), reader: Arc::new(reader), is_whole: false });
    shared.say(Msg::Begun { ticket, board, branch: shared.desk.repo.branch() });
    true
}

async fn open_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<(Ticket, FindingId)>>) {
    let mut last = Instant::now().checked_sub(IDLE);
    while let Some(mut request) = newest(&mut requests).await {
        if last.is_some_and(|last| last.elapsed() < IDLE) {
            while let Ok(Some(newer)) = tokio::time::timeout(REST, newest(&mut requests)).await {
                request = newer;
            }
        }
        last = Some(Instant::now());
        let (ticket, finding) = request;
        let job_shared = Arc::clone(&shared);
        let Ok(Some(opened)) = spawn_blocking(move || open(&job_shared, finding)).await else { continue };
        let coloured = colour(opened.snippet.clone());
        let plain = Arc::clone(&opened);
        let show = |snippet| Msg::Opened(ticket, Arc::new(Opened { snippet, ..(*opened).clone() }));
        soon_or_twice(&shared, coloured, Msg::Opened(ticket, plain), show).await;
        last = Some(Instant::now());
    }
}

/// Sends the coloured message if it is there soon; else the plain one at once and the coloured one later.
async fn soon_or_twice(shared: &Shared, mut coloured: JoinHandle<Snippet>, plain: Msg, show: impl Fn(Snippet) -> Msg) {
    let soon = tokio::time::timeout(COLOUR_SOON, &mut coloured).await;
    let snippet = if let Ok(snippet) = soon {
        snippet
    } else {
        drop(shared.out.send(plain).await);
        coloured.await
    };
    if let Ok(snippet) = snippet {
        drop(shared.out.send(show(snippet)).await);
    }
}

fn colour(mut snippet: Snippet) -> JoinHandle<Snippet> {
    spawn_blocking(move || {
        source::colour(&mut snippet);
        snippet
    })
}

fn open(shared: &Shared, id: FindingId) -> Option<Arc<Opened>> {
    let Current { board, reader, .. } = shared.current()?;
    let finding = board.backlog.find(id)?;
    let parts = desk::details(&board, &reader, finding);
    let backlog = Arc::clone(&board.backlog);
    let location = parts.first().and_then(|(_, detail)| detail.as_ref().ok()?.locations.first().cloned());
    let snippet = location.map_or_else(Snippet::default, |location| code(shared, &board, id, &location));
    let why = (!board.reaches.verdicts.is_empty()).then(|| Arc::new(shared.desk.why(&board, finding)));
    let renewals = shared.desk.renewals(&board, &reader, finding);
    let opinions = shared.desk.opinions(&board, &reader, finding);
    Some(Arc::new(Opened { finding: id, backlog, parts, snippet, why, renewals, opinions }))
}

fn code(shared: &Shared, board: &Board, finding: FindingId, location: &Location) -> Snippet {
    let made = board.backlog.find(finding).and_then(|finding| board.backlog.report(board.lead(finding)).made);
    source::snippet(&shared.desk.repo, location, made, BEFORE, AFTER)
}

async fn code_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<(Ticket, Location)>>) {
    while let Some((ticket, location)) = newest(&mut requests).await {
        let repo = shared.desk.repo.clone();
        let read = spawn_blocking(move || source::snippet(&repo, &location, None, BEFORE, AFTER));
        let Ok(snippet) = read.await else { continue };
        let plain = Msg::Code(ticket, Arc::new(snippet.clone()));
        soon_or_twice(&shared, colour(snippet), plain, |snippet| Msg::Code(ticket, Arc::new(snippet))).await;
    }
}

async fn preview_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<(Ticket, FindingId)>>) {
    while let Some((ticket, id)) = newest(&mut requests).await {
        let job_shared = Arc::clone(&shared);
        let job = move || {
            let Current { board, reader, .. } = job_shared.current()?;
            let finding = board.backlog.find(id)?;
            Some(job_shared.desk.preview(&board, &reader, finding).0)
        };
        if let Ok(Some(plan)) = spawn_blocking(job).await {
            drop(shared.out.send(Msg::Preview(ticket, Arc::new(plan))).await);
        }
    }
}

async fn plan_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<PlanRequest>>) {
    while let Some(PlanRequest { ticket, findings, choice }) = newest(&mut requests).await {
        let job_shared = Arc::clone(&shared);
        let job = move || {
            let Current { board, reader, .. } = job_shared.current()?;
            Some(job_shared.desk.plan(&board, &reader, &findings, &choice))
        };
        if let Ok(Some((plan, problems))) = spawn_blocking(job).await {
            for problem in problems {
                drop(shared.out.send(Msg::Notice(problem)).await);
            }
            drop(shared.out.send(Msg::Planned(ticket, Arc::new(plan))).await);
        }
    }
}

async fn remedies_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<Ticket>>) {
    while let Some(ticket) = newest(&mut requests).await {
        let job_shared = Arc::clone(&shared);
        let job = move || {
            let Current { board, reader, .. } = job_shared.current()?;
            Some(job_shared.desk.remedies(&board, &reader, None))
        };
        if let Ok(Some(remedies)) = spawn_blocking(job).await {
            drop(shared.out.send(Msg::Remedies(ticket, Arc::new(remedies))).await);
        }
    }
}

async fn upgrades_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<Ticket>>) {
    while let Some(ticket) = newest(&mut requests).await {
        let job_shared = Arc::clone(&shared);
        let job = move || {
            let Current { board, reader, .. } = job_shared.current()?;
            let (proposals, advice) = job_shared.desk.upgrades_to_write(&board, &reader);
            let (offers, count) = offer(&job_shared, proposals)?;
            Some(Msg::Upgraded(ticket, offers, count, advice))
        };
        if let Ok(Some(answer)) = spawn_blocking(job).await {
            drop(shared.out.send(answer).await);
        }
    }
}

/// Git looks at its whole index for this: no answer waits for it.
async fn count_lane(shared: Arc<Shared>, mut requests: watch::Receiver<Option<()>>) {
    while newest(&mut requests).await.is_some() {
        let desk = shared.desk.clone();
        if let Ok(count) = spawn_blocking(move || desk.unshared().count()).await {
            drop(shared.out.send(Msg::Uncommitted(count)).await);
        }
    }
}

/// Two looks that are the same: whoever writes is done.
async fn watch_lane(shared: Arc<Shared>) {
    while !shared.out.is_closed() {
        tokio::time::sleep(LOOK).await;
        let job_shared = Arc::clone(&shared);
        if let Ok(Some(changed)) = spawn_blocking(move || job_shared.watching().as_mut()?.look_again()).await {
            drop(shared.out.send(Msg::Changed(changed)).await);
        }
    }
}

impl Watching {
    /// What has changed since the load, if that is news.
    fn look_again(&mut self) -> Option<Changed> {
        let now = self.watch.look();
        let is_still = now == self.last;
        self.last = now;
        let changed = Changed {
            reports: !self.last.has_same_reports(&self.loaded),
            decisions: !self.last.has_same_decisions(&self.loaded),
        };
        let is_news = is_still && changed != self.told;
        is_news.then(|| {
            self.told = changed;
            changed
        })
    }
}

/// Asks one fix command at a time: a newer question, none, or the end of the worker stops it.
async fn ask_lane(shared: Arc<Shared>, mut questions: watch::Receiver<Option<Question>>) {
    while let Some(question) = newest(&mut questions).await {
        let cancel = Arc::new(AtomicBool::new(false));
        let (job_shared, job_cancel) = (Arc::clone(&shared), Arc::clone(&cancel));
        let mut job = {
            let question = question.clone();
            spawn_blocking(move || ask(&job_shared, &question, &job_cancel))
        };
        let begin = Instant::now();
        let answer = loop {
            tokio::select! {
                answer = &mut job => break answer.ok().flatten(),
                () = tokio::time::sleep(SECOND) => {
                    drop(shared.out.try_send(Msg::Asking(question.ticket, begin.elapsed().as_secs())));
                }
                changed = questions.changed() => {
                    cancel.store(true, Ordering::Relaxed);
                    // Its group is gone when the job ends.
                    drop(job.await);
                    if changed.is_err() {
                        return;
                    }
                    questions.mark_changed();
                    break None;
                }
            }
        };
        if let Some(answer) = answer {
            drop(shared.out.send(Msg::Asked(question.ticket, answer)).await);
        }
    }
}

/// `None` where the question is about nothing that is loaded.
fn ask(shared: &Shared, question: &Question, cancel: &AtomicBool) -> Option<Result<(Arc<Offers>, usize), Problem>> {
    let Current { board, reader, .. } = shared.current()?;
    let finding = board.backlog.find(question.finding)?;
    let command = shared.desk.options.commands.get(question.command)?;
    let proposals = match shared.desk.ask(&board, &reader, finding, command, cancel) {
        Ok(proposals) => proposals,
        Err(problem) => return Some(Err(problem)),
    };
    offer(shared, proposals).map(Ok)
}

/// Adds proposals to those of the board: all of them, and how many are new.
fn offer(shared: &Shared, proposals: Vec<Proposal>) -> Option<(Arc<Offers>, usize)> {
    let _turn = shared.turn();
    let Current { mut board, reader, is_whole } = shared.current()?;
    let count = Arc::make_mut(&mut board.offers).add(proposals);
    let offers = Arc::clone(&board.offers);
    shared.set_current(Current { board, reader, is_whole });
    Some((offers, count))
}

/// Proves one plan at a time: a newer one, none, or the end of the worker stops it.
async fn prove_lane(shared: Arc<Shared>, mut proofs: watch::Receiver<Option<(Ticket, Arc<Plan>)>>) {
    while let Some((ticket, plan)) = newest(&mut proofs).await {
        let cancel = Arc::new(AtomicBool::new(false));
        let (job_shared, job_cancel) = (Arc::clone(&shared), Arc::clone(&cancel));
        let mut job = spawn_blocking(move || prove(&job_shared, ticket, &plan, &job_cancel));
        tokio::select! {
            answer = &mut job => if let Ok(Some(answer)) = answer {
                drop(shared.out.send(Msg::Proved(ticket, answer)).await);
            },
            changed = proofs.changed() => {
                cancel.store(true, Ordering::Relaxed);
                // Its command and its copy are gone when the job ends.
                drop(job.await);
                if changed.is_err() {
                    return;
                }
                proofs.mark_changed();
            }
        }
    }
}

/// `None` where it was stopped, or no command is set.
fn prove(
    shared: &Shared,
    ticket: Ticket,
    plan: &Plan,
    cancel: &AtomicBool,
) -> Option<Result<(Proof, Arc<Plan>), Problem>> {
    let check = shared.desk.options.check.as_ref()?;
    let mut tell = |step: &Step| drop(shared.out.try_send(Msg::Proving(ticket, step.clone())));
    match shared.desk.verify(plan, check, cancel, &mut tell) {
        Ok(proof) => {
            let plan = without(plan, &proof.guilty);
            Some(Ok((proof, Arc::new(plan))))
        }
        Err(VerifyError::Cancelled) => None,
        Err(VerifyError::Failed(problem)) => Some(Err(problem)),
        Err(VerifyError::Command(reason)) => Some(Err(
            Problem::at("", "", reason, Loss::Nothing).hint("`verify` in [fix] of your configuration names it")
        )),
    }
}

async fn write_lane(shared: Arc<Shared>, mut writes: mpsc::Receiver<Write>) {
    while let Some(write) = writes.recv().await {
        let job_shared = Arc::clone(&shared);
        // A panic inside a job is reported by the panic hook; the lane goes on.
        drop(spawn_blocking(move || job_shared.write(&write)).await);
    }
}

impl Shared {
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Option<Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn watching(&self) -> MutexGuard<'_, Option<Watching>> {
        self.watching.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_current(&self, current: Current) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(current);
    }

    /// Sends from a blocking thread; a session that is gone needs no answer.
    fn say(&self, msg: Msg) {
        drop(self.out.blocking_send(msg));
    }

    /// One write, and where every finding stands after it. The turn is held to the end: see `turn`.
    fn write(&self, write: &Write) {
        let _turn = self.turn();
        let Some(Current { mut board, reader, .. }) = self.current().filter(|current| current.is_whole) else {
            self.say(Msg::Notice(Problem::at("", "", "not all of the reports is loaded yet", Loss::Nothing)));
            return;
        };
        let msg = match write {
            Write::Decide(request) => {
                let decided = self.desk.decide(&board, &reader, request);
                Msg::Decided(decided.map(|decided| {
                    (format!("{}{}", decided.summary, decided.origin.note()), self.judge(&mut board, &reader, false))
                }))
            }
            Write::Apply(plan) => match self.desk.apply(&board, plan) {
                Ok(written) => Msg::Applied(Ok((written, self.judge(&mut board, &reader, true)))),
                Err(error) => Msg::Applied(Err(apply_problem(error))),
            },
            Write::Undo(count) => {
                let mut undone = self.desk.undo(*count as usize, &[]);
                let next = undone.next.take();
                Msg::Undone(self.step(&mut board, &reader, undone), next)
            }
            Write::Redo(count) => {
                let mut redone = self.desk.redo(*count as usize, &[]);
                let next = redone.next.take();
                Msg::Redone(self.step(&mut board, &reader, redone), next)
            }
        };
        self.set_current(Current { board, reader, is_whole: true });
        self.say(msg);
        self.count.send_replace(Some(()));
    }

    fn step(&self, board: &mut Board, reader: &Reader, undone: desk::Undone) -> Result<(String, Judged), Problem> {
        match undone.problem {
            Some(problem) if undone.summaries.is_empty() => Err(problem),
            Some(problem) => {
                Ok((format!("{}; then: {problem}", undone.summaries.join(", ")), self.judge(board, reader, true)))
            }
            None => Ok((undone.summaries.join(", "), self.judge(board, reader, true))),
        }
    }

    /// Where every finding stands now; where files were written, also what evidence that makes old.
    fn judge(&self, board: &mut Board, reader: &Reader, has_written: bool) -> Judged {
        // Before the ledger is read: what comes in between is news again.
        if let Some(Watching { watch, loaded, .. }) = self.watching().as_mut() {
            watch.look_at_decisions(loaded);
        }
        let reaches = if has_written { self.desk.reach_again(board).map(Arc::new) } else { None };
        if let Some(reaches) = &reaches {
            board.reaches = Arc::clone(reaches);
            // Nothing on the drawing path sorts.
            board.worst_first();
        }
        let judgement = self.desk.judge(board, reader);
        judgement.put(board);
        board.funnel = Funnel::of(board);
        let desk::Judgement { standings, events, policies, .. } = judgement;
        Judged { standings, events, policies, reaches, funnel: board.funnel }
    }
}

fn apply_problem(error: ApplyError) -> Problem {
    match error {
        ApplyError::Write(error) => desk::refusal(error),
        ApplyError::Ledger(problem) => problem,
        ApplyError::Unrecorded { .. } => Problem::at("", "", error.to_string(), Loss::Nothing),
    }
}
