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

    bytes private constant GENERATOR = hex"97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
        hex"a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
    bytes private constant SECRET = hex"ad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28"
        hex"e27c8dcd8fc7cb42d25926fc0c97b336e9f0fb35e5a04c81";

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

    /// @dev Once round the ring, every place of which is used then.
    function test_requests_onUsedPlaces() external {
        uint256 owner = PlainWords.owner(OWNER);
        bytes memory used = bytes.concat(
            PlainWords.pair(10 ** 9, 5, 0, 0, owner), PlainWords.pair(1_000, 5, 1, 0, owner)
        );
        finalise(used, "");
        bytes32[] memory list = new bytes32[](1_024);
        for (uint256 i = 0; i < 512; i++) {
            list[2 * i] = bytes32(PlainWords.word(1, 0, 0, 5));
            list[2 * i + 1] = bytes32(owner);
        }
        used = abi.encodePacked(list);
        for (uint256 round = 0; round < 8; round++) {
            for (uint256 i = 0; i < 512; i++) {
                uint256 value = sheaf.priceOfRequest() + 1 gwei;
                sheaf.depositEther{value: value}(1 gwei, OWNER);
            }
            finalise(used, "");
        }
        vm.prank(ALICE);
        sheaf.depositEther{value: 1 ether + FEE}(1 ether, OWNER);
        vm.snapshotGasLastCall("Sheaf", "depositEther, used place");
        uint64[5] memory key_ = [uint64(4), 5, 6, 7, 8];
        vm.prank(ALICE);
        sheaf.requestExit{value: FEE + BOND}(1, key_);
        vm.snapshotGasLastCall("Sheaf", "requestExit, used place");
    }

    function test_takeOver() external {
        vm.warp(1_800_000_000 + 3 days);
        vm.prank(ALICE);
        sheaf.takeOver{value: 1 ether}();
        vm.snapshotGasLastCall("Sheaf", "takeOver");
    }

    /// @dev Not its own transaction, which would have no blobs here: base cost and calldata are
    /// added, and the contracts are made cold again.
    /// forge-config: default.isolate = false
    function test_finaliseBlobs() external {
        finaliseBlobs(1);
        vm.snapshotValue("Sheaf", "finaliseBlobs, 1 blob", finaliseBlobs(1));
        vm.snapshotValue("Sheaf", "finaliseBlobs, 6 blobs", finaliseBlobs(6));
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
        ISheaf.Batch memory batch = nextBatch();
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, l1Words, data, proof);
    }

    /// @dev Each blob is the polynomial X, whose value at z is z (`SheafBlobs.t.sol`).
    function finaliseBlobs(uint256 count) private returns (uint256 gas) {
        ISheaf.Batch memory batch = nextBatch();
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            hashes[i] = (sha256(SECRET) << 8 >> 8) | bytes32(uint256(1) << 248);
        }
        vm.blobhashes(hashes);
        bytes32 digest = keccak256(
            abi.encodePacked(
                keccak256(abi.encodePacked(count, hashes)),
                keccak256(""),
                sheaf.state(),
                batch.postState,
                batch.chains,
                uint256(batch.number),
                uint256(batch.timestamp)
            )
        );
        ISheaf.Blob[] memory blobs = new ISheaf.Blob[](count);
        for (uint256 i = 0; i < count; i++) {
            blobs[i].y = uint256(digest) >> 8;
            blobs[i].opening = abi.decode(bytes.concat(SECRET, GENERATOR), (bytes32[3]));
        }
        vm.cool(address(sheaf));
        vm.cool(address(sheaf.verifier()));
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finaliseBlobs(batch, "", blobs, proof);
        bytes memory call = abi.encodeCall(ISheaf.finaliseBlobs, (batch, "", blobs, proof));
        gas = vm.lastCallGas().gasTotalUsed + 21_000;
        for (uint256 i = 0; i < call.length; i++) {
            gas += call[i] == 0 ? 4 : 16;
        }
    }

    function nextBatch() private view returns (ISheaf.Batch memory) {
        (uint64 number,,,,) = sheaf.progress();
        return ISheaf.Batch({
            number: number + 1,
            postState: keccak256(abi.encode("post", number)),
            chains: keccak256(abi.encode("chains", number)),
            timestamp: uint32(block.timestamp)
        });
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
