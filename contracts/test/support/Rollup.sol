// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Sheaf} from "../../src/Sheaf.sol";
import {DevelopmentVerifier} from "../../src/development/DevelopmentVerifier.sol";
import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {PlainPoseidon} from "./PlainPoseidon.sol";
import {PlainWords} from "./PlainWords.sol";
import {Test} from "./Test.sol";

/// @title A rollup with development proofs, and a prover for it
/// @notice The prover computes public inputs by itself, from the protocol's text.
abstract contract Rollup is Test {
    address internal constant OPERATOR = address(0x0b);
    address internal constant LISTER = address(0x15);
    uint64 internal constant SILENCE = 1 days;
    uint64 internal constant FREEZE = 7 days;
    /// In L2 units of ether.
    uint64 internal constant PRICE = 100_000;
    uint64 internal constant BOND = 10_000_000;
    uint64 internal constant TAKEOVER_BOND = 1_000_000_000;
    uint256 internal constant ETHER_SCALE = 10 ** 9;
    /// What a request costs while fewer than 256 wait, and an exit request with its bond, in wei.
    uint256 internal constant FEE = uint256(PRICE) * ETHER_SCALE;
    uint256 internal constant EXIT_FEE = uint256(PRICE + BOND) * ETHER_SCALE;
    /// When a test starts. The optimiser takes `block.timestamp` for the same all through a test,
    /// so one that warps more than once reckons from here.
    uint256 internal constant START = 1_800_000_000;
    bytes24 internal constant OWNER = hex"0000000000000001c000000000000002fffffffe00000003";

    Sheaf internal sheaf;

    /// @notice What is published with a batch.
    /// @param dataReference What names the data words.
    struct Published {
        bytes l1Words;
        bytes data;
        bytes32 dataReference;
    }

    function setUp() public virtual {
        vm.warp(START);
        sheaf = new Sheaf(configuration());
    }

    /// @notice What the rollup is deployed with.
    function configuration() internal returns (ISheaf.Configuration memory) {
        DevelopmentVerifier verifier = new DevelopmentVerifier();
        return ISheaf.Configuration({
            verifier: verifier,
            keyHash: verifier.keyHash(),
            operator: OPERATOR,
            lister: LISTER,
            silenceDelay: SILENCE,
            freezeDelay: FREEZE,
            requestPrice: PRICE,
            exitBond: BOND,
            takeoverBond: TAKEOVER_BOND,
            etherOutflowLimit: 0
        });
    }

    /// @notice A well-formed next batch.
    function nextBatch() internal view returns (ISheaf.Batch memory batch) {
        (uint64 number,,,,) = sheaf.progress();
        batch.number = number + 1;
        batch.postState = keccak256(abi.encode("post", number));
        batch.chains = keccak256(abi.encode("chains", number));
        batch.timestamp = uint32(vm.getBlockTimestamp());
    }

    /// @notice The development proof of a batch after the rollup's current state.
    function prove(ISheaf.Batch memory batch, bytes memory l1Words, bytes memory data)
        internal
        view
        returns (uint256[8] memory proof)
    {
        return proveAfter(sheaf.state(), batch, l1Words, data);
    }

    /// @notice The development proof of a batch after the state `pre`.
    function proveAfter(
        bytes32 pre,
        ISheaf.Batch memory batch,
        bytes memory l1Words,
        bytes memory data
    ) internal pure returns (uint256[8] memory proof) {
        return proveInputs(publicInputs(pre, batch, l1Words, data));
    }

    /// @notice The development proof of these public inputs.
    function proveInputs(uint256[7] memory inputs) internal pure returns (uint256[8] memory proof) {
        proof[0] = uint256(keccak256(abi.encodePacked("Sheaf development proof", inputs)));
    }

    /// @notice Finalises the next batch with these streams as the operator.
    function finalise(bytes memory l1Words, bytes memory data) internal {
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, l1Words, data);
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, l1Words, data, proof);
    }

    /// @notice What names data words that travel as calldata (section 8).
    function calldataReference(bytes memory data) internal pure returns (bytes32) {
        return keccak256(abi.encode(0, keccak256(data)));
    }

    /// @notice The owner that a key and an account open (section 3).
    function ownerOf(uint64[5] memory key, address account) internal pure returns (bytes24) {
        uint256[] memory elements = new uint256[](8);
        for (uint256 i = 0; i < 5; i++) {
            elements[i] = key[i];
        }
        PlainPoseidon.putAddress(elements, account);
        return bytes24(PlainPoseidon.hash(3, elements));
    }

    /// @notice The public inputs of a batch whose data words travel as calldata.
    function publicInputs(
        bytes32 pre,
        ISheaf.Batch memory batch,
        bytes memory l1Words,
        bytes memory data
    ) internal pure returns (uint256[7] memory) {
        return publicInputs(pre, batch, Published(l1Words, data, calldataReference(data)));
    }

    /// @notice The point at which streams are evaluated (section 8).
    function pointOf(bytes32 pre, ISheaf.Batch memory batch, Published memory published)
        internal
        pure
        returns (uint256)
    {
        bytes memory header = abi.encodePacked(
            published.dataReference,
            keccak256(published.l1Words),
            pre,
            batch.postState,
            batch.chains,
            uint256(batch.number),
            uint256(batch.timestamp)
        );
        return uint256(keccak256(header)) / 2 ** 8;
    }

    /// @notice Section 9 of the protocol, read literally.
    function publicInputs(bytes32 pre, ISheaf.Batch memory batch, Published memory published)
        internal
        pure
        returns (uint256[7] memory inputs)
    {
        uint256 z = pointOf(pre, batch, published);
        uint256 y = PlainWords.evaluate(bytes.concat(published.l1Words, published.data), z);
        uint256[12] memory e;
        for (uint256 i = 0; i < 4; i++) {
            e[i] = uint64(bytes8(pre << (64 * i)));
            e[4 + i] = uint64(bytes8(batch.postState << (64 * i)));
            e[8 + i] = uint64(bytes8(batch.chains << (64 * i)));
        }
        for (uint256 i = 0; i < 4; i++) {
            inputs[i] = e[3 * i] + 2 ** 64 * e[3 * i + 1] + 2 ** 128 * e[3 * i + 2];
        }
        inputs[4] = z;
        inputs[5] = y % 2 ** 248;
        inputs[6] = y / 2 ** 248 + 2 ** 32 * uint256(batch.timestamp) + 2 ** 64
            * (published.l1Words.length / 32);
    }
}
