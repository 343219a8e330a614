//! Columns of a line in different units.

/// A 1-based UTF-16 column of a line as a 1-based code point column; past the end it keeps its distance from it.
pub(super) fn of_utf16(line: &str, column: u32) -> u32 {
    if column < 2 || line.is_ascii() {
        return column;
    }
    let mut units = 1_u32;
    let mut points = 1_u32;
    for c in line.chars() {
        if units >= column {
            return points;
        }
        units += if u32::from(c) > 0xffff { 2 } else { 1 };
        points += 1;
    }
    points + column.saturating_sub(units)
}
