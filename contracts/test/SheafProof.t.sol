// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Groth16Verifier} from "../src/Groth16Verifier.sol";
import {Sheaf} from "../src/Sheaf.sol";
import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {BatchFixture} from "./support/BatchFixture.sol";

/// @notice The real contract, the real verifier and a real proof: everything from two deposits and
/// an exit request to the payouts, and every part of the call changed.
contract SheafProofTest is BatchFixture {
    uint256 private constant GWEI = 10 ** 9;
    /// In L2 units of ether.
    uint64 private constant PRICE = 100_000;
    uint64 private constant BOND = 10_000_000;
    /// A precompile that refuses a point burns what it was given: enough, but not all there is.
    uint256 private constant GAS = 3_000_000;

    Groth16Verifier private verifier;
    Sheaf private sheaf;
    address private operator;
    address private deployer;
    ISheaf.Batch private batch;
    bytes private l1Words;
    bytes private data;

    function setUp() external {
        readProof();
        (batch, l1Words, data) = readCall();
        string memory json = read();
        operator = vm.parseJsonAddress(json, ".operator");
        deployer = vm.parseJsonAddress(json, ".deployer");
        vm.chainId(vm.parseJsonUint(json, ".chain_id"));
        vm.warp(batch.timestamp);
        verifier = new Groth16Verifier(key);
    }

    function test_fixture_startsFromTheContractsState() external {
        begin();
        vm.assertEq(address(sheaf), vm.parseJsonAddress(read(), ".contract"), "address");
        vm.assertEq(sheaf.state(), vm.parseJsonBytes32(read(), ".pre"), "first state");
        vm.assertEq(l1Words.length, 2 * 32 * (DEPOSITS + 1 + 1), "deposits, exit, withdrawal");
    }

    function test_finalise_acceptsARealProof() external {
        begin();
        bytes32 pre = sheaf.state();
        vm.expectEmit(address(sheaf));
        emit ISheaf.BatchFinalised(
            1,
            pre,
            batch.postState,
            batch.timestamp,
            uint64(DEPOSITS + 1),
            keccak256(l1Words),
            keccak256(abi.encode(0, keccak256(data)))
        );
        requireAccepted();
        (uint64 head, uint64 tail) = sheaf.queue();
        vm.assertEq(head, DEPOSITS + 1, "all requests are consumed");
        vm.assertEq(tail, head, "and no more");
        Payout[PAYOUTS] memory payouts = readPayouts();
        for (uint256 i = 0; i < PAYOUTS; i++) {
            Payout memory payout = payouts[i];
            vm.assertEq(sheaf.pending(payout.account, 0).amount, payout.units, "owed");
            vm.prank(payout.account);
            uint256 paid = sheaf.claim(0, payout.account);
            vm.assertEq(paid, payout.units * GWEI, "paid");
        }
    }

    function test_finalise_refusesTheSameBatchAgain() external {
        begin();
        requireAccepted();
        batch.number += 1;
        refuse(ISheaf.InvalidProof.selector);
    }

    function test_finalise_refusesAChangedHeader(uint256 bit) external {
        begin();
        bit = bound(bit, 0, 255);
        ISheaf.Batch memory honest = batch;
        batch.postState ^= bytes32(1 << bit);
        refuse(ISheaf.InvalidProof.selector);
        batch = honest;
        batch.chains ^= bytes32(1 << bit);
        refuse(ISheaf.InvalidProof.selector);
        batch = honest;
        batch.timestamp -= uint32(1 + bit);
        refuse(ISheaf.InvalidProof.selector);
        batch = honest;
        requireAccepted();
    }

    function test_finalise_refusesEachChangedDataByte() external {
        begin();
        refuseEachChangedByte(data);
        requireAccepted();
    }

    function test_finalise_refusesEachChangedByteOfAnL1Word() external {
        begin();
        refuseEachChangedByte(l1Words);
        requireAccepted();
    }

    function test_finalise_refusesStreamsThatAreLongerOrShorter() external {
        begin();
        (bytes memory honestL1, bytes memory honestData) = (l1Words, data);
        data = bytes.concat(honestData, bytes32(0));
        refuse(ISheaf.InvalidProof.selector);
        data = first(honestData, honestData.length - 32);
        refuse(ISheaf.InvalidProof.selector);
        data = honestData;
        uint256 border = honestL1.length - 64;
        l1Words = first(honestL1, border);
        refuse(ISheaf.InvalidProof.selector);
        // The last pair on the other side of the border: the same words in the same order.
        data = bytes.concat(from(honestL1, border), honestData);
        refuse(ISheaf.InvalidProof.selector);
        (l1Words, data) = (honestL1, honestData);
        requireAccepted();
    }

    function test_finalise_refusesEachChangedProofWord(uint256 bit) external {
        begin();
        for (uint256 i = 0; i < 8; i++) {
            uint256 honest = proof[i];
            proof[i] ^= 1 << bound(bit, 0, 255);
            refuse(ISheaf.InvalidProof.selector);
            proof[i] = honest;
        }
        requireAccepted();
    }

    function test_verify_takesTheFixturesInputsAndNoOthers() external {
        vm.assertTrue(verifier.verify(proof, inputs), "the fixture's inputs");
        for (uint256 i = 0; i < 7; i++) {
            inputs[i] ^= 1;
            vm.assertFalse(verifier.verify(proof, inputs), "another input");
            inputs[i] ^= 1;
        }
    }

    function test_finalise_refusesTheBatchOfAnotherContract() external {
        deploy();
        begin();
        refuse(ISheaf.InvalidProof.selector);
    }

    function test_finalise_refusesTheBatchOfAnotherChain() external {
        vm.chainId(block.chainid + 1);
        begin();
        vm.assertEq(address(sheaf), vm.parseJsonAddress(read(), ".contract"), "same address");
        refuse(ISheaf.InvalidProof.selector);
    }

    /// @dev The proof is right, but L1 was asked for something else.
    function test_finalise_refusesRequestsThatNobodyMade() external {
        deploy();
        Deposit[DEPOSITS] memory deposits = readDeposits();
        refuseMismatch();
        deposits[1].units += 1;
        deposit(deposits);
        requestExit();
        refuseMismatch();
    }

    function test_finalise_refusesAnExitThatNobodyAskedFor() external {
        deploy();
        deposit(readDeposits());
        refuseMismatch();
        requestExit();
        requireAccepted();
    }

    function begin() private {
        deploy();
        deposit(readDeposits());
        requestExit();
    }

    /// @dev A plain `prank` would not end here: with linked tests `new` is a cheat code.
    function deploy() private {
        ISheaf.Configuration memory decided = ISheaf.Configuration({
            verifier: verifier,
            keyHash: verifier.keyHash(),
            operator: operator,
            lister: address(0),
            silenceDelay: 1 days,
            freezeDelay: 7 days,
            requestPrice: PRICE,
            exitBond: BOND,
            takeoverBond: 1,
            etherOutflowLimit: 0
        });
        vm.startPrank(deployer);
        sheaf = new Sheaf(decided);
        vm.stopPrank();
    }

    function deposit(Deposit[DEPOSITS] memory deposits) private {
        for (uint256 i = 0; i < DEPOSITS; i++) {
            uint256 amount = deposits[i].units * GWEI;
            uint256 value = amount + PRICE * GWEI;
            vm.deal(deposits[i].sender, value);
            vm.prank(deposits[i].sender);
            sheaf.depositEther{value: value}(amount, deposits[i].owner);
        }
    }

    function requestExit() private {
        (address sender, uint32 slot, uint64[5] memory elements) = readExit();
        uint256 value = (PRICE + BOND) * GWEI;
        vm.deal(sender, value);
        vm.prank(sender);
        sheaf.requestExit{value: value}(slot, elements);
    }

    function requireAccepted() private {
        vm.prank(operator, operator);
        sheaf.finalise{gas: GAS}(batch, l1Words, data, proof);
        vm.assertEq(sheaf.state(), batch.postState, "state");
    }

    function refuse(bytes4 selector) private {
        bytes32 state = sheaf.state();
        vm.prank(operator, operator);
        vm.expectRevert(selector);
        sheaf.finalise{gas: GAS}(batch, l1Words, data, proof);
        vm.assertEq(sheaf.state(), state, "state untouched");
    }

    /// @dev A word's first byte must be zero; every other one is bound by the proof.
    function refuseEachChangedByte(bytes storage stream) private {
        for (uint256 place = 0; place < stream.length; place++) {
            bytes1 honest = stream[place];
            stream[place] ^= bytes1(uint8(1 << (place % 7)));
            bool tooLarge = place % 32 == 0;
            refuse(tooLarge ? ISheaf.WordTooLarge.selector : ISheaf.InvalidProof.selector);
            stream[place] = honest;
        }
    }

    function refuseMismatch() private {
        vm.prank(operator, operator);
        bytes4 selector = ISheaf.RequestsMismatch.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 0, DEPOSITS + 1));
        sheaf.finalise{gas: GAS}(batch, l1Words, data, proof);
    }

    /// @dev `stream` without its first `count` bytes.
    function from(bytes memory stream, uint256 count) private pure returns (bytes memory rest) {
        rest = new bytes(stream.length - count);
        for (uint256 i = 0; i < rest.length; i++) {
            rest[i] = stream[count + i];
        }
    }

    /// @dev The first `count` bytes of `stream`.
    function first(bytes memory stream, uint256 count) private pure returns (bytes memory part) {
        part = new bytes(count);
        for (uint256 i = 0; i < count; i++) {
            part[i] = stream[i];
        }
    }
}
