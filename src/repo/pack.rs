//! Many objects of git as one pack with its index (gitformat-pack, version 2): two files where loose objects were hundreds.

use std::fs::DirBuilder;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use rayon::prelude::*;
use rustix::fs::fstat;
use sha1::{Digest, Sha1};

use super::disk;
use super::fault::step;
use super::objects::{Id, Kind, Object};
use super::tree::hex;

/// Fewer objects than this are not worth a thread.
const MIN_PER_THREAD: usize = 32;

/// One object as it stands in a pack.
struct Packed {
    id: Id,
    bytes: Vec<u8>,
    crc: u32,
}

/// Writes these objects, each of which is named once, as a pack below the folder `objects` of a repository. Returns what is
/// to be synced. At most 2 GiB in all, since offsets are written with 31 bits.
pub(super) fn write(objects: &Path, all: &[Object<'_>]) -> io::Result<Vec<PathBuf>> {
    let folder = objects.join("pack");
    match step().and_then(|()| DirBuilder::new().create(&folder)) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // As git deflates a loose object: it is packed anew by the next collection. A new encoder takes longer than a file.
    let encoder = || ZlibEncoder::new(Vec::new(), Compression::fast());
    let objects = all.par_iter().with_min_len(MIN_PER_THREAD);
    let mut packed = objects.map_init(encoder, deflated).collect::<io::Result<Vec<_>>>()?;
    packed.sort_unstable_by_key(|object| object.id);
    let (pack, offsets) = joined(&packed);
    let (sum, pack) = summed(pack);
    let index = index(&packed, &offsets, sum);
    let name = hex(&sum);
    put(&disk::open(&folder)?, &name, [&pack, &index])?;
    let files = ["pack", "idx"].map(|kind| folder.join(format!("pack-{name}.{kind}")));
    Ok(files.into_iter().chain([folder]).collect())
}

fn deflated(encoder: &mut ZlibEncoder<Vec<u8>>, object: &Object<'_>) -> io::Result<Packed> {
    *encoder.get_mut() = header(object.kind, object.bytes.len());
    encoder.write_all(&object.bytes)?;
    let bytes = encoder.reset(Vec::new())?;
    let mut crc = Crc::new();
    crc.update(&bytes);
    Ok(Packed { id: object.id, bytes, crc: crc.sum() })
}

/// Type and size: four bits of the size with the type, then seven a byte, the lowest first.
fn header(kind: Kind, size: usize) -> Vec<u8> {
    let low = |bits: usize, mask: u8| bits.to_le_bytes()[0] & mask;
    let (mut byte, mut rest) = (kind.number() << 4 | low(size, 0x0f), size >> 4);
    let mut header = Vec::new();
    while rest > 0 {
        header.push(byte | 0x80);
        (byte, rest) = (low(rest, 0x7f), rest >> 7);
    }
    header.push(byte);
    header
}

/// The pack without its checksum, and where each object starts in it.
fn joined(packed: &[Packed]) -> (Vec<u8>, Vec<u32>) {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(number(packed.len()).to_be_bytes());
    let mut offsets = Vec::with_capacity(packed.len());
    for object in packed {
        offsets.push(number(pack.len()));
        pack.extend_from_slice(&object.bytes);
    }
    (pack, offsets)
}

fn index(packed: &[Packed], offsets: &[u32], pack: Id) -> Vec<u8> {
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=u8::MAX {
        let upto = packed.partition_point(|object| object.id[0] <= first);
        index.extend(number(upto).to_be_bytes());
    }
    index.extend(packed.iter().flat_map(|object| object.id));
    index.extend(packed.iter().flat_map(|object| object.crc.to_be_bytes()));
    index.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
    index.extend(pack);
    summed(index).1
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// With its SHA-1 behind it.
fn summed(mut bytes: Vec<u8>) -> (Id, Vec<u8>) {
    let sum: Id = Sha1::digest(&bytes).into();
    bytes.extend(sum);
    (sum, bytes)
}

/// Under names that git takes for a pack when both files are whole, the index last: git looks for it first.
fn put(folder: &OwnedFd, name: &str, files: [&[u8]; 2]) -> io::Result<()> {
    // What a kill leaves of such names is removed by git's own collection.
    let stem = RandomState::new().hash_one(name);
    let temps = ["pack", "idx"].map(|kind| format!("tmp_{kind}_{stem:016x}"));
    // Nobody changes it, and those read it who can read the folder.
    let mode = fstat(folder)?.st_mode & 0o444;
    let written = write_both(folder, &temps, files, mode).and_then(|()| {
        for (temp, kind) in temps.iter().zip(["pack", "idx"]) {
            disk::rename(folder, temp, &format!("pack-{name}.{kind}"))?;
        }
        Ok(())
    });
    written.inspect_err(|_| {
        for temp in &temps {
            // The first error is the one to report.
            let _ = disk::remove(folder, temp);
        }
    })
}

fn write_both(folder: &OwnedFd, names: &[String; 2], files: [&[u8]; 2], mode: u32) -> io::Result<()> {
    names.iter().zip(files).try_for_each(|(name, bytes)| disk::write(folder, name, bytes, mode).map(drop))
}
