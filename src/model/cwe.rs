//! Weaknesses that are one in practice: tools give the same flaw different numbers.

/// CWE numbers that name the same flaw at different depth.
const CWE_FAMILIES: &[&[u32]] = &[
    &[77, 78, 88],
    &[79, 80, 81, 83, 87, 116],
    &[89, 564, 943],
    &[20],
    &[22, 23, 36, 73],
    &[326, 327, 328, 916],
    &[330, 335, 338],
    &[259, 321, 522, 798],
    &[94, 95, 96],
    &[295, 297, 599],
    &[502],
    &[601],
    &[611, 827],
    &[918],
    &[276, 732],
    &[400, 1333],
    &[352],
    &[90],
    &[643],
    &[377, 379],
    &[319, 311],
    &[1004],
    &[614],
    &[190],
    &[476],
    &[415],
    &[416],
    &[120, 121, 122, 787],
    &[134],
];

/// The number of the family of a weakness. Numbers outside name a class of flaws, or are too rare to compare by.
pub fn family(number: u32) -> Option<usize> {
    CWE_FAMILIES.iter().position(|family| family.contains(&number))
}
