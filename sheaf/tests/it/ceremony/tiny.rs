//! Files of a ceremony for a circuit with nothing in it, made by hand: they open, and contributions
//! to them are right, but they are of no use.

use alloy::primitives::{U256, uint};

/// The orders of the base field and of the scalar field of BN254.
const BASE: U256 =
    uint!(21888242871839275222246405745257275088696311157297823662689037894645226208583_U256);
const SCALAR: U256 =
    uint!(21888242871839275222246405745257275088548364400416034343698204186575808495617_U256);
/// The generators, coordinate by coordinate, real parts before imaginary ones.
const G1: [U256; 2] = [uint!(1_U256), uint!(2_U256)];
const G2: [U256; 4] = [
    uint!(10857046999023057135944570762232829481370756359578518086990519993285655852781_U256),
    uint!(11559732032986387107991004021392285783925812861821192530917403151452391805634_U256),
    uint!(8495653923123431417604973247489272438418190587263600148770280649306958101930_U256),
    uint!(4082367875863433681332203403145435568316851327593401208105741076214120093531_U256),
];

/// A point as a file has it: coordinates times 2^256, little-endian.
fn point(coordinates: &[U256]) -> Vec<u8> {
    let factor = (U256::MAX % BASE + U256::ONE) % BASE;
    let encoded = coordinates.iter().map(|one| one.mul_mod(factor, BASE).to_le_bytes::<32>());
    encoded.collect::<Vec<_>>().concat()
}

fn order(order: U256) -> Vec<u8> {
    [&32u32.to_le_bytes()[..], &order.to_le_bytes::<32>()].concat()
}

fn file(magic: &[u8; 4], sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend([1, sections.len() as u32].map(u32::to_le_bytes).concat());
    for (number, content) in sections {
        bytes.extend(number.to_le_bytes());
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend(content);
    }
    bytes
}

/// A .ptau file with room for 2^1 powers, and with no right points in it.
pub(crate) fn powers() -> Vec<u8> {
    let header = [order(BASE), [1u32, 1].map(u32::to_le_bytes).concat()].concat();
    let lengths = [(2, 3 * 64), (3, 2 * 128), (4, 2 * 64), (5, 2 * 64), (6, 128)];
    let sections = lengths.map(|(number, length)| (number, vec![0; length]));
    file(b"ptau", &[&[(1, header)], &sections[..]].concat())
}

/// The .zkey file of a first key: of one variable and a domain of one point.
pub(crate) fn first_key() -> Vec<u8> {
    let (g1, g2) = (point(&G1), point(&G2));
    let counts = [1u32, 0, 1].map(u32::to_le_bytes).concat();
    let orders = [order(BASE), order(SCALAR), counts].concat();
    let points = [&g1, &g1, &g2, &g2, &g1, &g2].map(Vec::as_slice).concat();
    let sections = [
        (1, 1u32.to_le_bytes().to_vec()),
        (2, [orders, points].concat()),
        (3, g1.clone()),
        (4, vec![0; 4]),
        (5, g1.clone()),
        (6, g1.clone()),
        (7, g2),
        (8, vec![]),
        (9, g1),
        (10, vec![0; 64 + 4]),
    ];
    file(b"zkey", &sections)
}
