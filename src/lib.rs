//! Quell: a terminal triage console for security findings.
//!
//! One circle, one direction. Input changes a [`State`](app::State) in [`app::update`], answers change it in
//! [`app::answer`]; both return effects as plain data. The [`worker`] carries them out and sends answers back; [`ui`]
//! draws the state. `app` touches nothing outside its state, the worker decides nothing, `ui` does neither.
//!
//! ```text
//!  key / mouse / resize --> Input --+                              +--> ui::view(&State) --> screen
//!                                   +--> app::update(&mut State) --+
//!  worker answer ---------> Msg ----+        |              drawn once per drained batch, if something changed
//!         ^                                  v
//!         +------------- worker <------ Vec<Effect>
//! ```
//!
//! Layers look only to their left (a test reads every `use crate::`):
//!
//! ```text
//! model <- repo <- query | ingest | reach | source | fix | ledger <- exchange <- desk <- worker | cli
//!                  query <- app <- worker | ui <- session <- cli <- main
//! ```
//!
//! In reading order:
//! - [`model`]: plain data: results, findings, fixes, decisions, problems; `model::text` makes outside text safe.
//! - [`repo`]: the one door to git and to the disk: confined reads, all-or-nothing writes, the undo log, copies of the tree
//!   in which a command of the user's runs.
//! - [`ingest`]: report files to the backlog, tolerant; each result is decoded when somebody looks at it. Files of evidence
//!   to statements, one file a format.
//! - [`query`]: the query language, sorting, grouping; [`query::Finder`] finds the rows of one key after another.
//! - [`reach`]: what follows from evidence: which statements are about which finding, verdict, lane and score, and why; the
//!   exposure graph of the deployment files; and which packages, functions and files the sources use.
//! - [`source`]: code around a place, with syntax roles.
//! - [`fix`]: proposals to bytes: readers of diffs and answers, upgrades, columns, placement, plan, diff.
//! - [`ledger`]: decisions as immutable events, which results of later scans they are about, the status that follows from
//!   them, and what proves that they are as they were written.
//! - [`exchange`]: what goes out to other people and tools and what comes in from them: documents and what their words mean,
//!   one file a format, and one table of the formats.
//! - [`desk`]: the jobs that console and command line share; neither has logic of its own.
//! - [`app`]: what the console is and how it changes.
//! - [`worker`]: carries out effects, in lanes, with bounded queues.
//! - [`ui`]: draws; a theme gives roles their colours.
//! - [`cli`]: the command line: arguments in, text or JSON and an exit code out.
//! - [`memory`]: what the allocator is told.
//!
//! What must hold everywhere:
//! - Text from a report, a patch or the scanned tree is data: never a command, a path outside the repository, or a
//!   terminal sequence. It is kept as it was and made visible at the two doors, `ui` and the command line's writer.
//! - A verdict applies only to what the last frame showed when its key was pressed, and never to a part of the reports.
//! - What a model says of a finding is a proposal: it decides, hides and lowers nothing until a person has confirmed it.
//! - A policy only restricts, and that of the protected base always counts. The fold holds every decision against it, so that
//!   no list, gate or export shows one that breaks it, and what cannot be held against it hides nothing.
//! - What is previewed is what is written, byte for byte, all or nothing, with a way back.
//! - A broken input costs its own file or result. Every problem is listed with file, place, reason and next step.
//! - Nothing on the drawing path reads a file, allocates per finding, or waits.
//! - No key waits for all of a large backlog: rows are looked for in slices, and a frame can be drawn between two.
//!
//! Where this differs from a first sketch of the design: a `desk` stands between the layers and their two users, so
//! that console and command line cannot drift apart; pages (what a pane shows) are made in `app` once when
//! something changes, so that scrolling knows their length and a frame costs only the visible lines; files are opened
//! component by component with `rustix`, because exchanging two files in one step needs it anyway; colours come
//! from Oniguruma (built with the C compiler that libgit2 needs too), which is a third of the time of a Rust engine on
//! the first screen; the selection holds numbers of findings as bits, carried over by id at a reload, so that a hundred
//! thousand are selected in one frame; a fix is merged with the scanned version by `fix` itself, because the merge of git
//! is silently wrong where blocks repeat (`benches/place.rs` counts both); scanner JSON is rewritten to SARIF text at
//! load, so that rows, details and fixes know one format; the fields of a row are read in place by a small reader of our
//! own, which passes what no row needs by its brackets alone; changed reports are noticed by looking at size and time every
//! two seconds, which works on every file system; path patterns of `*` and `**` alone are told by a matcher of our own,
//! held to `globset` by a property, because a key may ask a million distinct paths; the images of a large batch are
//! written as one pack of git, which is a few files to wait for instead of hundreds; evidence is read by `ingest`, since
//! archives, broken JSON and places in the repository are the same for it as for reports, and `reach` reads no file but those
//! that deploy something and, at each load and batch and within bounds, sources that import, name, or declare an address
//! that somebody attacked; events lie in one folder, without one for each month or hash: git takes a folder whose files are
//! not on a branch for one that was renamed, and then finds conflicts in what others add to it (a random history showed it);
//! lines are followed commit by commit, and only where lines around them stayed with them: one comparison of then and now
//! pairs equal lines of repetitive files wrongly (the histories of four projects showed it).

pub mod app;
pub mod cli;
pub mod desk;
pub mod exchange;
pub mod fix;
pub mod ingest;
pub mod ledger;
pub mod memory;
pub mod model;
pub mod query;
pub mod reach;
pub mod repo;
pub mod session;
pub mod source;
pub mod terminal;
pub mod ui;
pub mod worker;
