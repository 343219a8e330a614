//! `quell export` and `quell import`: decisions for other tools and from them.

use crate::desk::export::Export;
use crate::model::text::counted;
use crate::query::{Lens, rows};

use super::args::{Common, ExportArgs, ImportArgs};
use super::exit::{Exit, Outcome, Stop};
use super::out::Out;
use super::work::{Work, parsed};

pub(super) fn export(common: &Common, args: &ExportArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let query = parsed(args.query.as_deref().unwrap_or_default())?;
    let mut work = Work::load(common, args.inputs.inputs.clone(), false, err)?;
    if args.split_by.is_some() && args.output.is_none() {
        return Err(Stop::Usage(String::from("--split-by needs -o with the folder that the files go to")));
    }
    let lens = Lens { query, open_only: false, group: args.split_by, ..Lens::default() };
    if lens.reads_remedies() {
        work.look_for_remedies(None);
    }
    let (board, reader) = (&work.loaded.board, &work.loaded.reader);
    let rows = rows(board, &lens);
    let export = Export { board, reader, format: args.format };
    let path = args.output.as_ref().map(|path| work.desk.cwd().join(path));
    let said = match (&path, args.split_by) {
        (Some(folder), Some(_)) => {
            if !folder.is_dir() {
                let folder = folder.display();
                return Err(Stop::Usage(format!("{folder}: name a folder that is there, for a file each")));
            }
            let (files, said) = export.write_parts(&rows, folder).map_err(Stop::usage)?;
            for file in files {
                let findings = counted(file.findings, "finding", "findings");
                out.line(&format!("{}  {findings}  {}", file.name, file.label))?;
            }
            said
        }
        (Some(path), None) => export.write_file(&rows, path).map_err(Stop::usage)?,
        (None, _) => export.write(&rows, out.writer())?,
    };
    for line in said {
        err.line(&line)?;
    }
    Ok(work.exit())
}

pub(super) fn import(common: &Common, args: &ImportArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let work = Work::load(common, args.reports.clone(), false, err)?;
    let imported = work.desk.import(&work.loaded.board, &work.loaded.reader, &args.files, args.until);
    for line in &imported.said {
        err.line(line)?;
    }
    for problem in imported.unread.iter().chain(&imported.refused) {
        err.line(&problem.to_string())?;
    }
    if imported.decided.is_empty() && imported.refused.is_empty() {
        out.line("nothing new was decided")?;
    }
    for line in &imported.decided {
        out.line(line)?;
    }
    Ok(if !imported.refused.is_empty() {
        Exit::Refused
    } else if !imported.unread.is_empty() {
        Exit::Unread
    } else {
        work.exit()
    })
}
