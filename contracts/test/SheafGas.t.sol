// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Groth16Verifier} from "../src/Groth16Verifier.sol";
import {Sheaf} from "../src/Sheaf.sol";
import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {BatchFixture} from "./support/BatchFixture.sol";
import {HostileToken} from "./support/HostileToken.sol";
import {PlainWords} from "./support/PlainWords.sol";

/// @notice Costs what a real verifier costs and accepts: it verifies the fixture's proof whatever
/// it is asked about.
contract FixtureVerifier is IVerifier, BatchFixture {
    Groth16Verifier private immutable VERIFIER;

    constructor() {
        readProof();
        VERIFIER = new Groth16Verifier(key);
    }

    function keyHash() external view returns (bytes32) {
        return VERIFIER.keyHash();
    }

    function verify(uint256[8] calldata given, uint256[7] calldata) external view returns (bool) {
        return VERIFIER.verify(given, inputs);
    }
}

/// @notice What each call costs as a transaction of its own, its base cost and calldata included.
/// @dev Every call is its own transaction here, so that nothing is warm that would be cold on L1.
/// The fixture's verifier adds about 20,000 to what a real one costs.
/// forge-config: default.isolate = true
contract SheafGasTest is BatchFixture {
    address private constant ALICE = address(0xa11ce);
    address private constant OPERATOR = address(0x0b);
    uint256 private constant FEE = 100_000 gwei;
    uint256 private constant BOND = 0.01 ether;
    bytes24 private constant OWNER = hex"0000000000000001c000000000000002fffffffe00000003";

    Sheaf private sheaf;
    HostileToken private erc20;

    function setUp() external {
        vm.warp(1_800_000_000);
        readProof();
        IVerifier verifier = new FixtureVerifier();
        sheaf = new Sheaf(
            ISheaf.Configuration({
                verifier: verifier,
                keyHash: verifier.keyHash(),
                operator: OPERATOR,
                lister: address(this),
                silenceDelay: 1 days,
                freezeDelay: 7 days,
                requestPrice: 100_000,
                exitBond: 10_000_000,
                takeoverBond: 1_000_000_000,
                etherOutflowLimit: 0
            })
        );
        erc20 = new HostileToken();
        erc20.mint(ALICE, 1_000_000);
        sheaf.listToken(address(erc20), 1, 1_000_000, 0);
        vm.deal(ALICE, 100 ether);
        // Neither the first request nor the first escrow, which cost more than all later ones.
        vm.prank(ALICE);
        sheaf.depositEther{value: 1 ether + FEE}(1 ether, OWNER);
        vm.prank(ALICE);
        sheaf.depositToken{value: FEE}(1, 1_000, OWNER);
    }

    function test_requests() external {
        vm.prank(ALICE);
        sheaf.depositEther{value: 1 ether + FEE}(1 ether, OWNER);
        vm.snapshotGasLastCall("Sheaf", "depositEther");
        vm.prank(ALICE);
        sheaf.depositToken{value: FEE}(1, 1_000, OWNER);
        vm.snapshotGasLastCall("Sheaf", "depositToken");
        uint64[5] memory key_ = [uint64(4), 5, 6, 7, 8];
        vm.prank(ALICE);
        sheaf.requestExit{value: FEE + BOND}(1, key_);
        vm.snapshotGasLastCall("Sheaf", "requestExit");
    }

    function test_finalise() external {
        finalise("", "");
        vm.assertLt(vm.snapshotGasLastCall("Sheaf", "finalise, empty"), 400_000, "bound");
        finalise("", words(4_096));
        vm.snapshotGasLastCall("Sheaf", "finalise, 4,096 data words in calldata");
        uint256 owner = PlainWords.owner(OWNER);
        uint64 units = 10 ** 9;
        bytes memory l1Words = bytes.concat(
            PlainWords.pair(units, 5, 0, 0, owner), PlainWords.pair(1_000, 5, 1, 0, owner)
        );
        finalise(l1Words, "");
        vm.snapshotGasLastCall("Sheaf", "finalise, 2 requests consumed");
        l1Words = "";
        for (uint256 i = 0; i < 10; i++) {
            l1Words = bytes.concat(l1Words, PlainWords.pair(1, 4, 0, 0, 1_000 + i));
        }
        finalise(l1Words, "");
        vm.snapshotGasLastCall("Sheaf", "finalise, 10 first payouts");
    }

    function test_claim() external {
        uint256 owner = PlainWords.owner(OWNER);
        bytes memory l1Words = bytes.concat(
            PlainWords.pair(10 ** 9, 5, 0, 0, owner),
            PlainWords.pair(1_000, 5, 1, 0, owner),
            PlainWords.pair(7, 4, 0, 0, uint160(ALICE)),
            PlainWords.pair(7, 4, 1, 0, uint160(ALICE))
        );
        finalise(l1Words, "");
        vm.prank(ALICE);
        sheaf.claim(0, ALICE);
        vm.snapshotGasLastCall("Sheaf", "claim, ether");
        vm.prank(ALICE);
        sheaf.claim(1, ALICE);
        vm.snapshotGasLastCall("Sheaf", "claim, ERC-20");
    }

    function test_sizes() external {
        vm.snapshotValue("Sheaf", "bytes of code", address(sheaf).code.length);
        vm.assertLt(address(sheaf).code.length, 24_577, "the limit of EIP-170");
    }

    function finalise(bytes memory l1Words, bytes memory data) private {
        (uint64 number,,,,) = sheaf.progress();
        ISheaf.Batch memory batch = ISheaf.Batch({
            number: number + 1,
            postState: keccak256(abi.encode("post", number)),
            chains: keccak256(abi.encode("chains", number)),
            timestamp: uint32(block.timestamp)
        });
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, l1Words, data, proof);
    }

    /// @dev As dense as words get: three full limbs and a slot.
    function words(uint256 count) private pure returns (bytes memory stream) {
        bytes32[] memory list = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            list[i] = bytes32(draw(1, i) >> 8);
        }
        return abi.encodePacked(list);
    }
}
