// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Poseidon over the Goldilocks field, as plonky2 defines it
/// @notice Hashes up to eight field elements under a tag (`docs/protocol.md`, section 2): one
/// permutation of width 12 with 8 full and 22 partial rounds. Callers check that elements are
/// canonical.
///
/// Why a hash costs only about 25,000 gas:
///
/// - Four words hold the twelve lanes, three to a word at a stride of 85 bits. Lane n lives in word
///   n mod 4 at position n mod 3. The linear layer is a cyclic convolution of length 12 with small
///   coefficients (plus 8 on the diagonal of lane 0). Since 12 is 3 times 4, this placement makes
///   it a cyclic convolution of four words, whose products are cyclic convolutions of three lanes:
///   multiplications modulo 2^255 - 1. Sixteen `mulmod` are the whole layer.
/// - Lanes are reduced lazily. An S-box leaves a lane below P < 2^64; the layer multiplies by at
///   most 264 in sum, so that lanes stay below 2^81 after two layers, and `fold` brings them back
///   to 65 bits before a third.
/// - In a partial round the constants of lanes 1 to 11 commute with the S-box of lane 0, so they
///   are pushed through the linear layers into the first full round after. One constant for each
///   partial round remains. The permutation is the same: the tests compare it with the plain form.
library PoseidonGoldilocks {
    /// @notice The Goldilocks prime, 2^64 - 2^32 + 1.
    uint256 internal constant P = 0xffffffff00000001;

    /// @notice The digest of up to eight elements under a tag: four elements of 8 big-endian bytes.
    /// @dev Tag and count lie beside the elements because the optimiser would write a copy of the
    /// function for each constant among its arguments.
    /// @param lanes The first ten lanes: eight field elements, of which those that do not count are
    /// zero, the tag, and how many elements count. Each is below 2^64.
    function hash(uint256[10] memory lanes) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            // x^7 of one lane below 2^81, reduced.
            function sbox(x) -> y {
                let s := mulmod(x, x, mload(0))
                y := mulmod(mul(s, x), mul(s, s), mload(0))
            }

            // The three lanes of a word, each through the S-box.
            function sboxes(w) -> v {
                v := sbox(and(w, 0x1fffffffffffffffffffff))
                v := or(v, shl(85, sbox(and(shr(85, w), 0x1fffffffffffffffffffff))))
                v := or(v, shl(170, sbox(shr(170, w))))
            }

            // The same lanes modulo P with fewer bits: 2^64 is 2^32 - 1, for three lanes at once.
            function fold(w) -> v {
                v := add(
                    and(w, 0x3fffffffffffffffc00001fffffffffffffffe00000ffffffffffffffff),
                    mul(
                        and(shr(64, w), 0x7ffffc0000000000000003ffffe0000000000000001fffff),
                        0xffffffff
                    )
                )
            }

            // The linear layer. `x` is lane 0 alone, which counts eight times more on the diagonal.
            function mix(a, b, c, d, x) -> e, f, g, h {
                let m := mload(0x20)
                let k0 := 0x800000000000000000004e000000000000000000011
                let k1 := 0x34000000000000000000028000000000000000000010
                let k2 := 0x8800000000000000000005200000000000000000000d
                let k3 := 0x3c000000000000000000038000000000000000000012
                e := add(
                    add(mulmod(a, k0, m), mulmod(b, k3, m)),
                    add(add(mulmod(c, k2, m), mulmod(d, k1, m)), shl(3, x))
                )
                f := add(
                    add(mulmod(a, k1, m), mulmod(b, k0, m)),
                    add(mulmod(c, k3, m), mulmod(d, k2, m))
                )
                g := add(
                    add(mulmod(a, k2, m), mulmod(b, k1, m)),
                    add(mulmod(c, k0, m), mulmod(d, k3, m))
                )
                h := add(
                    add(mulmod(a, k3, m), mulmod(b, k2, m)),
                    add(mulmod(c, k1, m), mulmod(d, k0, m))
                )
            }

            // A full round whose constants the caller has added.
            function full(a, b, c, d) -> e, f, g, h {
                let s := sboxes(a)
                e, f, g, h := mix(s, sboxes(b), sboxes(c), sboxes(d), and(s, 0xffffffffffffffff))
            }

            // A partial round with the constant `k` of lane 0.
            function partial(a, b, c, d, k) -> e, f, g, h {
                let x := and(a, 0x1fffffffffffffffffffff)
                let y := sbox(add(x, k))
                e, f, g, h := mix(add(sub(a, x), y), b, c, d, y)
            }

            // Two partial rounds: lanes enter below 2^73 and leave below 2^73.
            function pair(a, b, c, d, k, l) -> e, f, g, h {
                e, f, g, h := partial(a, b, c, d, k)
                e, f, g, h := partial(fold(e), fold(f), fold(g), fold(h), l)
            }

            function lane(list, i) -> x {
                x := mload(add(list, shl(5, i)))
            }

            // P and 2^255 - 1 in scratch space: as literals they would be a tenth of the contract's
            // code, or be computed anew at each use. After the empty copy the optimiser no longer
            // knows what lies there.
            mstore(0, 0xffffffff00000001)
            mstore(0x20, not(shl(255, 1)))
            mcopy(0, 0, 0)

            // Lanes 0 to 7 are the elements, 8 and 9 the tag and the count, 10 and 11 zero.
            let a := or(lane(lanes, 0), or(shl(85, lane(lanes, 4)), shl(170, lane(lanes, 8))))
            let b := or(lane(lanes, 9), or(shl(85, lane(lanes, 1)), shl(170, lane(lanes, 5))))
            let c := or(lane(lanes, 6), shl(170, lane(lanes, 2)))
            let d := or(lane(lanes, 3), shl(85, lane(lanes, 7)))

            a, b, c, d :=
                full(
                add(a, 0x000003371288e6c311109800001c21acccca1e9c02400000b585f766f2144405),
                add(b, 0x00000232b8532c1f426fc400000ee8d4abe872435ae00000277fa208bf337bff),
                add(c, 0x000002cbec34c73b9e66d000001c2eca7453b4af14200000d438539c95f63e9f),
                add(d, 0x000003150c0bc8976cb1d800001def038f9c6b6987a000000f6760a4803427d7)
            )
            a, b, c, d :=
                full(
                add(a, 0x000003571dc63eff191fec0000061177a47b8a82d980000086287821f722c881),
                add(b, 0x000001b92903063cc3027000000b39a351483831caa00000c35eae071903ff0b),
                add(c, 0x0000030ee466b5257715d00000109384cad2d3897ce000009a2eedb70d8f8cfa),
                add(d, 0x000003015cb230232eeeb400001c6c18dc15c90de7000000a484c4c5ef6a0781)
            )
            a, b, c, d :=
                full(
                add(a, 0x0000019aef4c39b383960c000015ad00bc1c616591400000e9fa634a21de0082),
                add(b, 0x000002b14767d7f3e14d7800001eadeda912b34c01a000000da2abef589d644e),
                add(c, 0x000003df5c4fa018e4459400001e0c24e9fb62a1ac200000502ad7dc18c2ad87),
                add(d, 0x000000a2e3b0eba70a58cc00000af42aa1822166082000008297132b32825daf)
            )
            a, b, c, d :=
                full(
                add(a, 0x000003a2f8f976a010f95c00000f9e82d9fcfc299420000092a756e67e2b9413),
                add(b, 0x000001877d45ee1a9190e400000e1ce83d7fdd2cb0c00000f5c0bc1de6da8699),
                add(c, 0x00000006757b8abe0bb070000008162597e13dee97e0000085dc499b11d77b75),
                add(d, 0x00000298dc24fb2cab58c400000972b369173820e66000006f6f2ed772466352)
            )
            a, b, c, d := pair(a, b, c, d, 0x3cc3f892184df408, 0x6754826bf0555fea)
            a, b, c, d := pair(a, b, c, d, 0x07f136d86fe52ec6, 0xcc31104c136e624c)
            a, b, c, d := pair(a, b, c, d, 0xe75f601068e70aca, 0x27bb558ab181ed5e)
            a, b, c, d := pair(a, b, c, d, 0xe0593bc645a018ab, 0xa7ef236c2c5f0e1f)
            a, b, c, d := pair(a, b, c, d, 0x2f2ed40f0e211d79, 0x65b0ab09bec15af9)
            a, b, c, d := pair(a, b, c, d, 0x28f0f3bb03d3d776, 0xb60fb82205a86176)
            a, b, c, d := pair(a, b, c, d, 0x6685ae6e5db8023d, 0x9b2390b07020a27c)
            a, b, c, d := pair(a, b, c, d, 0xc3607e7232b11cef, 0xf618ae7058499e24)
            a, b, c, d := pair(a, b, c, d, 0xc18226dd334780c2, 0xb57bff1387506176)
            a, b, c, d := pair(a, b, c, d, 0xec2475152d5a08ff, 0x04df43ffd0b458ff)
            a, b, c, d := pair(a, b, c, d, 0x10f46236adcc3e98, 0x52588ae3575e2ce9)
            a, b, c, d :=
                full(
                add(a, 0x0000025a26ad169b42775c000004c5362b0706a537e000005405cc09b3ff0c06),
                add(b, 0x000003872afb9be9ea54c800001c29b80e359c5308c00000ba9673a4862f9848),
                add(c, 0x000002ed59ca71e1deaa78000014b875181f97b7a8200000ced9e7d28e6a6de9),
                add(d, 0x0000023d10468489afacd400001a1fb31e3c2530a1e00000474fb5726a0068f3)
            )
            a, b, c, d :=
                full(
                add(a, 0x0000027a72f5e058a3f16c00000390da4cbe2aea19a00000e70201e960cb78b8),
                add(b, 0x000000e65b39cf760cb07000000df21fe76d4cbe21000000dae8645996edd6a5),
                add(c, 0x00000109d1e9c9179fea1000001bd7c10a76343a6f0000008e7fba02983224bd),
                add(d, 0x0000029248a74934050d0c00001741bd8e2064abba800000d1f507e43ab749b2)
            )
            a, b, c, d :=
                full(
                add(a, 0x000002033bf4adf667fe0c000002cdf8198871478e4000007be5b9ffda905e1c),
                add(b, 0x000000dd8ad66a2ba0fbe8000014792bd5d8489546000000bb9879c6e61fd62a),
                add(c, 0x00000008c2f2a3d37c151000000dcf91e35084ca06800000e8928a4c89114750),
                add(d, 0x000000592ecb786efb772000000548816a34928bdca000004135c2bebfe148c6)
            )
            a, b, c, d :=
                full(
                add(a, 0x000001150f677d51db4f2c0000155da680e962c868c00000f3c12fe54d5c653b),
                add(b, 0x0000023ff65aefe7272074000008173d245db2ee3c400000f172d73e004fc90d),
                add(c, 0x000001547d6c3ef9ec610000001bfa389fd799024700000070fc91eb5937085c),
                add(d, 0x000002f237ed89ff9563f000000fef2bc54bf22a8800000025032aa7c4cb1811)
            )
            digest := or(
                or(
                    shl(192, mod(and(a, 0x1fffffffffffffffffffff), 0xffffffff00000001)),
                    shl(128, mod(and(shr(85, b), 0x1fffffffffffffffffffff), 0xffffffff00000001))
                ),
                or(
                    shl(64, mod(shr(170, c), 0xffffffff00000001)),
                    mod(and(d, 0x1fffffffffffffffffffff), 0xffffffff00000001)
                )
            )
        }
    }
}
