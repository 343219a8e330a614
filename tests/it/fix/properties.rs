//! What holds for every batch: there and back is nothing, and the order of things that do not meet does not matter.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;
use quell::fix::apply;
use quell::model::fix::{FileEdit, FileOp, Passage, Proposal};
use quell::model::plan::Plan;
use quell::repo::log::Note;

use super::case::{FIRST, With, fix, of_edits, planned, region};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

const LINES: u32 = 12;

/// One file of a tree: its mode, how its lines end, whether the last one does.
#[derive(Clone, Debug)]
struct File {
    mode: u32,
    end: &'static str,
    is_ended: bool,
}

/// A file that comes, goes or gets another name.
#[derive(Clone, Debug)]
struct Moved {
    kind: Kind,
    mode: u32,
    text: String,
    is_second: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Comes,
    Goes,
    Renamed,
    RenamedAndChanged,
}

/// A tree, whether git keeps it, and its fixes: file, line, what to write there, and which of two batches it is in.
#[derive(Clone, Debug)]
struct Case {
    files: Vec<File>,
    has_git: bool,
    edits: Vec<((usize, u32), (String, bool))>,
    moved: Vec<Moved>,
    seed: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let file = (
        prop::sample::select(vec![0o644, 0o600, 0o755, 0o664]),
        prop::sample::select(vec!["\n", "\r\n"]),
        any::<bool>(),
    )
        .prop_map(|(mode, end, is_ended)| File { mode, end, is_ended });
    let edit = ("[a-zé]{0,4}", any::<bool>());
    let edits = prop::collection::btree_map((0usize..4, 0..LINES), edit, 1..10);
    let kinds = vec![Kind::Comes, Kind::Goes, Kind::Renamed, Kind::RenamedAndChanged];
    let moved = (
        prop::sample::select(kinds),
        prop::sample::select(vec![0o644, 0o600, 0o755]),
        "([a-z]{1,4}(\n|\r\n)){0,3}[a-z]{0,3}",
        any::<bool>(),
    )
        .prop_map(|(kind, mode, text, is_second)| Moved { kind, mode, text, is_second });
    let moved = prop::collection::vec(moved, 0..4);
    (prop::collection::vec(file, 1..5), any::<bool>(), edits, moved, 0usize..100).prop_map(
        |(files, has_git, edits, moved, seed)| {
            let known = files.len();
            let edits = edits.into_iter().filter(|((file, _), _)| *file < known).collect();
            Case { files, has_git, edits, moved, seed }
        },
    )
}

impl Case {
    fn path(file: usize) -> String {
        ["a.txt", "src/b.txt", "src/deep/c.txt", "é d.txt"].get(file).copied().unwrap_or_default().to_owned()
    }

    fn text(&self, file: usize) -> String {
        let File { end, is_ended, .. } = &self.files[file];
        let text: String = (0..LINES).map(|line| format!("é word{line:02} of {file}{end}")).collect();
        if *is_ended { text } else { text.trim_end().to_owned() }
    }

    fn tree(&self) -> Tree {
        let files: Vec<(String, String)> =
            (0..self.files.len()).map(|file| (Self::path(file), self.text(file))).collect();
        let moved = self.moved.iter().enumerate().filter(|(_, moved)| moved.kind != Kind::Comes);
        let moved: Vec<(String, &Moved)> = moved.map(|(number, moved)| (format!("m/{number}.txt"), moved)).collect();
        let files: Vec<(String, String)> =
            moved.iter().map(|(path, moved)| (path.clone(), moved.text.clone())).chain(files).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let tree = if self.has_git { Tree::git(&files) } else { Tree::plain(&files) };
        for (number, file) in self.files.iter().enumerate() {
            let path = tree.root().join(Self::path(number));
            fs::set_permissions(path, fs::Permissions::from_mode(file.mode)).unwrap();
        }
        for (path, moved) in moved {
            fs::set_permissions(tree.root().join(path), fs::Permissions::from_mode(moved.mode)).unwrap();
        }
        tree
    }

    /// The fixes of one batch, or of both.
    fn fixes(&self, batch: Option<bool>) -> Vec<Proposal> {
        let wanted = self.edits.iter().filter(|(_, (_, own))| batch.is_none_or(|batch| batch == *own));
        let proposal = |((file, line), (insert, _)): &((usize, u32), (String, bool))| {
            let seen = region(line + 1, 3, line + 1, 9);
            let fix = fix(&Self::path(*file), seen, insert).of(&self.text(*file)).made(FIRST + 60);
            fix.seen(seen, &format!("word{line:02}"))
        };
        let moved = self.moved.iter().enumerate();
        let moved = moved.filter(|(_, moved)| batch.is_none_or(|batch| batch == moved.is_second));
        wanted.map(proposal).chain(moved.map(|(number, moved)| moved.fix(number))).collect()
    }
}

impl Moved {
    fn fix(&self, number: usize) -> Proposal {
        let text = self.text.as_bytes().to_vec();
        let changed = [b"first\n", text.as_slice()].concat();
        let (before, after) = match self.kind {
            Kind::Comes => (Vec::new(), text),
            Kind::Goes => (text, Vec::new()),
            Kind::Renamed => (Vec::new(), Vec::new()),
            Kind::RenamedAndChanged => (text, changed),
        };
        let target = format!("new/{}/{number}.txt", number % 2);
        let (path, op) = match self.kind {
            Kind::Comes => (target, FileOp::Create),
            Kind::Goes => (format!("m/{number}.txt"), FileOp::Delete),
            Kind::Renamed | Kind::RenamedAndChanged => (format!("m/{number}.txt"), FileOp::Rename(target)),
        };
        let passage = Passage { line: 1, before, after, ..Passage::default() };
        let passages = if passage.before == passage.after { Vec::new() } else { vec![passage] };
        of_edits(vec![FileEdit { path, in_repo: true, op, passages, ..FileEdit::default() }])
    }
}

/// Every file with its mode and bytes.
type State = BTreeMap<String, (u32, Vec<u8>)>;

fn state(tree: &Tree) -> State {
    let of = |path: String| {
        let file = tree.root().join(&path);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        (path, (mode, fs::read(file).unwrap()))
    };
    tree.files().into_iter().map(of).collect()
}

/// Plans and writes; the name of the entry, where there was something to write.
fn written(tree: &Tree, proposals: &[Proposal]) -> Option<String> {
    let plan = planned(tree, proposals);
    (!plan.files.is_empty()).then(|| apply(&tree.repo(), &plan, Note::default()).unwrap().entry)
}

/// All that a plan says, by path and by fix.
fn said(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let file = |file: &quell::model::plan::PlannedFile| {
        let mut fixes = file.fixes.clone();
        fixes.sort_unstable_by_key(|id| id.0);
        format!("{} {:?} {:?} {fixes:?} {:?} {:?}", file.path, file.before, file.after, file.edits, file.diff)
    };
    let mut fixes: Vec<String> = plan.fixes.iter().map(|fix| format!("{fix:?}")).collect();
    fixes.sort_unstable();
    (plan.files.iter().map(file).collect(), fixes)
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn undo_is_the_way_back_and_redo_the_way_again(case in case()) {
        let tree = case.tree();
        let before = state(&tree);
        if let Some(entry) = written(&tree, &case.fixes(None)) {
            let after = state(&tree);
            prop_assert!(before != after);
            prop_assert_eq!(before.keys().eq(after.keys()), case.moved.is_empty());
            prop_assert_eq!(tree.root().join("new").exists(), case.moved.iter().any(|moved| moved.kind != Kind::Goes));
            for _ in 0..2 {
                tree.repo().undo_entry(&entry).unwrap();
                prop_assert_eq!(&state(&tree), &before);
                prop_assert!(!tree.root().join("new").exists());
                tree.repo().redo_entry(&entry).unwrap();
                prop_assert_eq!(&state(&tree), &after);
            }
        }
        prop_assert_eq!(tree.leftovers(&tree.repo()), Vec::<String>::new());
    }

    /// With a line between them, and with git, which knows what the second batch was made of: without it a fix may be
    /// refused where its file has changed.
    #[test]
    fn batches_that_do_not_meet_may_come_in_any_order(case in case()) {
        let edits = case.edits.into_iter().filter(|((_, line), _)| line % 2 == 0).collect();
        let case = Case { has_git: true, edits, ..case };
        let ends: Vec<State> = [[true, false], [false, true]]
            .iter()
            .map(|order| {
                let tree = case.tree();
                for batch in order {
                    written(&tree, &case.fixes(Some(*batch)));
                }
                state(&tree)
            })
            .collect();
        let tree = case.tree();
        written(&tree, &case.fixes(None));
        prop_assert_eq!(&ends[0], &ends[1]);
        prop_assert_eq!(&ends[0], &state(&tree));
    }

    #[test]
    fn a_plan_does_not_depend_on_the_order_of_its_fixes(case in case()) {
        let tree = case.tree();
        let mut fixes = case.fixes(None);
        let first = said(&planned(&tree, &fixes));
        prop_assert_eq!(&said(&planned(&tree, &fixes)), &first, "the same twice");
        let turn = case.seed % fixes.len().max(1);
        fixes.rotate_left(turn);
        if case.seed % 2 == 0 {
            fixes.reverse();
        }
        prop_assert_eq!(&said(&planned(&tree, &fixes)), &first);
    }
}
