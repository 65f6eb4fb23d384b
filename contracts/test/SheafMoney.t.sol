// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {HostileToken} from "./support/HostileToken.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Rollup} from "./support/Rollup.sol";

/// @notice Deposits, exit requests, payouts and claims.
contract SheafMoneyTest is Rollup {
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);
    uint64 private constant CAP = 1_000_000;
    uint128 private constant SCALE = 1_000;
    uint64 private constant P_MINUS_1 = 0xffffffff00000000;

    HostileToken private erc20;

    function setUp() public override {
        super.setUp();
        erc20 = new HostileToken();
        erc20.mint(ALICE, 10_000 * SCALE);
        vm.deal(ALICE, 100 ether);
        vm.prank(LISTER);
        sheaf.listToken(address(erc20), SCALE, CAP, 0);
    }

    function test_listToken_onlyByTheLister(address sender) external {
        vm.assume(sender != LISTER && sender != address(vm));
        address another = address(new HostileToken());
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.Unauthorised.selector, sender, LISTER));
        sheaf.listToken(another, 1, 1, 0);
        vm.prank(LISTER);
        vm.assertEq(sheaf.listToken(another, 1, 1, 0), 2, "number");
    }

    function test_depositEther_queuesTheRequest(uint64 units) external {
        units = uint64(bound(units, 1, 10 ** 10));
        vm.expectEmit(address(sheaf));
        emit ISheaf.DepositRequested(0, ALICE, 0, units, OWNER);
        vm.prank(ALICE);
        vm.assertEq(
            sheaf.depositEther{value: FEE + uint256(units) * 10 ** 9}(
                uint256(units) * 10 ** 9, OWNER
            ),
            0,
            "index"
        );
        bytes memory words = PlainWords.pair(units, 5, 0, 0, PlainWords.owner(OWNER));
        requireRequest(0, keccak256(bytes.concat(bytes32(0), words)), ALICE);
        vm.assertEq(sheaf.token(0).escrow, units + PRICE, "escrow");
        vm.assertEq(address(sheaf).balance, uint256(units) * 10 ** 9 + FEE, "balance");
    }

    function test_depositEther_refusesPartsOfAUnitAndNothing() external {
        bytes4 selector = ISheaf.InvalidAmount.selector;
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(selector, 10 ** 9 + 1, 10 ** 9));
        sheaf.depositEther{value: FEE + 10 ** 9 + 1}(10 ** 9 + 1, OWNER);
        vm.expectRevert(abi.encodeWithSelector(selector, 0, 10 ** 9));
        sheaf.depositEther{value: FEE}(0, OWNER);
    }

    function test_depositEther_refusesAnOwnerThatIsNotCanonical() external {
        bytes24 owner = bytes24(uint192(P_MINUS_1 + 1));
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, P_MINUS_1 + 1));
        sheaf.depositEther{value: FEE + 10 ** 9}(10 ** 9, owner);
        sheaf.depositEther{value: FEE + 10 ** 9}(10 ** 9, bytes24(uint192(P_MINUS_1)));
    }

    function test_deposit_refusesTheOwnerOfZeros() external {
        vm.startPrank(ALICE);
        vm.expectRevert(ISheaf.ZeroOwner.selector);
        sheaf.depositEther{value: FEE + 10 ** 9}(10 ** 9, bytes24(0));
        vm.expectRevert(ISheaf.ZeroOwner.selector);
        sheaf.depositToken{value: FEE}(1, SCALE, bytes24(0));
        sheaf.depositEther{value: FEE + 10 ** 9}(10 ** 9, bytes24(uint192(1)));
        sheaf.depositToken{value: FEE}(1, SCALE, bytes24(uint192(1)));
    }

    function test_plainEtherIsRefused() external {
        vm.prank(ALICE);
        (bool sent,) = address(sheaf).call{value: 1 ether}("");
        vm.assertFalse(sent, "no receive function");
    }

    function test_depositToken_creditsWhatArrives() external {
        depositToken(HostileToken.Manner.Honest, 100 * SCALE, 100);
        depositToken(HostileToken.Manner.ReturnsNothing, 100 * SCALE, 100);
        // A tenth is the fee.
        depositToken(HostileToken.Manner.TakesFee, 100 * SCALE, 90);
        vm.assertEq(sheaf.token(1).escrow, 290, "escrow");
        vm.assertEq(erc20.balances(address(sheaf)), 290 * SCALE, "balance");
    }

    function test_depositToken_refusesAFeeThatLeavesAPartOfAUnit() external {
        erc20.behave(HostileToken.Manner.TakesFee);
        bytes4 selector = ISheaf.InvalidAmount.selector;
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(selector, 900, SCALE));
        sheaf.depositToken{value: FEE}(1, SCALE, OWNER);
    }

    function test_depositToken_refusesTokensThatFail() external {
        refuseDeposit(HostileToken.Manner.ReturnsFalse);
        refuseDeposit(HostileToken.Manner.ReturnsTwo);
        refuseDeposit(HostileToken.Manner.Reverts);
        refuseDeposit(HostileToken.Manner.HasNoBalance);
        (, uint64 tail) = sheaf.queue();
        vm.assertEq(tail, 0, "no request");
        vm.assertEq(sheaf.token(1).escrow, 0, "no escrow");
    }

    function test_depositToken_refusesMoreThanTheCap() external {
        erc20.mint(ALICE, uint256(CAP) * SCALE);
        vm.startPrank(ALICE);
        sheaf.depositToken{value: FEE}(1, uint256(CAP) * SCALE, OWNER);
        bytes4 selector = ISheaf.CapExceeded.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 1, CAP, 1, CAP));
        sheaf.depositToken{value: FEE}(1, SCALE, OWNER);
    }

    function test_depositToken_refusesEtherAndUnlistedTokens() external {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.UnknownToken.selector, 0));
        sheaf.depositToken{value: FEE}(0, SCALE, OWNER);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.UnknownToken.selector, 2));
        sheaf.depositToken{value: FEE}(2, SCALE, OWNER);
    }

    /// @dev Without the lock, a deposit inside a deposit would be measured, and credited, twice.
    function test_depositToken_locksEveryDoor() external {
        erc20.mint(address(erc20), 10_000 * SCALE);
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, "", "");
        uint64[5] memory key;
        ISheaf.Slot memory slot;
        bytes32[32] memory siblings;
        bytes[16] memory attacks = [
            abi.encodeCall(ISheaf.depositToken, (1, 100 * SCALE, OWNER)),
            abi.encodeCall(ISheaf.depositEther, (SCALE, OWNER)),
            abi.encodeCall(ISheaf.requestExit, (1, key)),
            abi.encodeCall(ISheaf.finalise, (batch, "", "", proof)),
            abi.encodeCall(ISheaf.finaliseBlobs, (batch, "", new ISheaf.Blob[](1), proof)),
            abi.encodeCall(ISheaf.claim, (1, address(erc20))),
            abi.encodeCall(ISheaf.claimFor, (ALICE, 1)),
            abi.encodeCall(ISheaf.listToken, (address(this), 1, 1, 0)),
            abi.encodeCall(ISheaf.raiseCap, (1, CAP + 1)),
            abi.encodeCall(ISheaf.freeze, (bytes32(0), 0)),
            abi.encodeCall(ISheaf.escape, (slot, key, ALICE, siblings)),
            abi.encodeCall(ISheaf.refund, (0, 0, 0)),
            abi.encodeCall(ISheaf.offerRole, (ISheaf.RoleName.Operator, ALICE)),
            abi.encodeCall(ISheaf.acceptRole, (ISheaf.RoleName.Operator)),
            abi.encodeCall(ISheaf.takeOver, ()),
            abi.encodeCall(ISheaf.endLease, ())
        ];
        for (uint256 i = 0; i < attacks.length; i++) {
            erc20.reenter(address(sheaf), attacks[i]);
            vm.prank(ALICE);
            sheaf.depositToken{value: FEE}(1, 100 * SCALE, OWNER);
            vm.assertFalse(erc20.attackSucceeded(), "the door was open");
            bytes memory reason = abi.encodePacked(ISheaf.Reentered.selector);
            vm.assertEq(erc20.attackResult(), reason, "another reason");
        }
        vm.assertEq(sheaf.token(1).escrow, 1_600, "escrow");
        vm.assertEq(erc20.balances(address(sheaf)), 1_600 * SCALE, "balance");
    }

    /// forge-config: default.fuzz.runs = 16
    function test_requestExit_queuesTheOwnerOfKeyAndSender(uint32 slot) external {
        uint64[5] memory key = [uint64(4), P_MINUS_1, 0, 7, 9];
        vm.prank(ALICE);
        vm.assertEq(sheaf.requestExit{value: EXIT_FEE}(slot, key), 0, "index");
        bytes24 owner = ownerOf(key, ALICE);
        bytes memory words = PlainWords.pair(0, 6, 0, slot, PlainWords.owner(owner));
        requireRequest(0, keccak256(bytes.concat(bytes32(0), words)), ALICE);
    }

    function test_requestExit_refusesAKeyThatIsNotCanonical() external {
        uint64[5] memory key = [uint64(4), 0, 0, 0, P_MINUS_1 + 1];
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, P_MINUS_1 + 1));
        sheaf.requestExit{value: EXIT_FEE}(1, key);
    }

    function test_finalise_consumesRequestsAndPays() external {
        (bytes memory first, bytes memory second, bytes memory third) = threeRequests();
        finalise(bytes.concat(first, PlainWords.pair(30, 4, 1, 0, uint160(BOB)), second), "");
        requireQueue(2, 3);
        vm.assertEq(sheaf.pending(BOB, 1).amount, 30, "withdrawal");
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 0, "nothing yet");
        finalise(third, "");
        requireQueue(3, 3);
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 20, "exit");
    }

    function test_finalise_exitThatPaysNothingIsConsumed() external {
        uint64[5] memory key;
        vm.prank(ALICE);
        sheaf.requestExit{value: EXIT_FEE}(3, key);
        uint256 owner = PlainWords.owner(ownerOf(key, ALICE));
        finalise(PlainWords.pair(0, 6, 0, 3, owner), "");
        requireQueue(1, 1);
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 0, "nothing");
    }

    function test_finalise_refusesRequestsOutOfOrderSkippedOrInvented() external {
        (bytes memory first, bytes memory second, bytes memory third) = threeRequests();
        refuseRequests(bytes.concat(second, first), 2);
        refuseRequests(second, 1);
        refuseRequests(bytes.concat(first, third), 2);
        refuseRequests(bytes.concat(first, first), 2);
        refuseRequests(bytes.concat(first, second, third, first), 4);
        // Another amount, token, owner, slot.
        uint256 owner = PlainWords.owner(OWNER);
        refuseRequests(PlainWords.pair(51, 5, 0, 0, owner), 1);
        refuseRequests(PlainWords.pair(50, 5, 1, 0, owner), 1);
        refuseRequests(PlainWords.pair(50, 5, 0, 0, owner + 1), 1);
        uint64[5] memory key;
        owner = PlainWords.owner(ownerOf(key, ALICE));
        bytes memory head = bytes.concat(first, second);
        refuseRequests(bytes.concat(head, PlainWords.pair(20, 6, 0, 4, owner)), 3);
        refuseRequests(bytes.concat(head, PlainWords.pair(20, 6, 0, 3, owner + 1)), 3);
        requireQueue(0, 3);
        finalise(bytes.concat(first, second, third), "");
        requireQueue(3, 3);
    }

    function test_claim_sendsEther() external {
        fund(0, 40, ALICE);
        vm.expectEmit(address(sheaf));
        emit ISheaf.Claimed(ALICE, 0, BOB, 40);
        vm.prank(ALICE);
        vm.assertEq(sheaf.claim(0, BOB), 40 * 10 ** 9, "amount");
        vm.assertEq(BOB.balance, 40 * 10 ** 9, "recipient");
        vm.assertEq(sheaf.token(0).escrow, 60 + PRICE, "escrow");
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, ALICE, 0));
        sheaf.claim(0, BOB);
    }

    function test_claim_sendsTokens() external {
        fund(1, 40, ALICE);
        vm.prank(ALICE);
        vm.assertEq(sheaf.claim(1, BOB), 40 * SCALE, "amount");
        vm.assertEq(erc20.balances(BOB), 40 * SCALE, "recipient");
        vm.assertEq(sheaf.token(1).escrow, 60, "escrow");
    }

    function test_claim_thatFailsKeepsTheClaim() external {
        fund(1, 40, ALICE);
        erc20.behave(HostileToken.Manner.ReturnsFalse);
        bytes4 selector = ISheaf.TokenCallFailed.selector;
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(selector, address(erc20)));
        sheaf.claim(1, BOB);
        fund(0, 40, ALICE);
        selector = ISheaf.EtherRefused.selector;
        vm.prank(ALICE);
        // The token's contract takes no ether.
        vm.expectRevert(abi.encodeWithSelector(selector, address(erc20)));
        sheaf.claim(0, address(erc20));
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 40, "ether kept");
        vm.assertEq(sheaf.pending(ALICE, 1).amount, 40, "tokens kept");
    }

    function test_claim_thatWouldTakeOthersMoneyKeepsTheClaim() external {
        fund(1, 40, ALICE);
        erc20.behave(HostileToken.Manner.ChargesSender);
        bytes4 selector = ISheaf.TokenTookMore.selector;
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(selector, address(erc20), 40 * SCALE, 44 * SCALE));
        sheaf.claim(1, BOB);
        vm.assertEq(sheaf.pending(ALICE, 1).amount, 40, "kept");
        vm.assertEq(erc20.balances(address(sheaf)), 100 * SCALE, "untouched");
        erc20.behave(HostileToken.Manner.Honest);
        vm.prank(ALICE);
        sheaf.claim(1, BOB);
        vm.assertEq(erc20.balances(address(sheaf)), 60 * SCALE, "the others' money");
    }

    /// @dev The contract's own address would take the tokens out of escrow and keep them for ever.
    function test_claim_refusesRecipientsThatCouldNeverTakeTheMoney() external {
        fund(0, 40, ALICE);
        fund(1, 40, ALICE);
        for (uint16 token = 0; token < 2; token++) {
            refuseRecipient(token, address(0));
            refuseRecipient(token, address(sheaf));
            refuseRecipient(token, sheaf.token(token).erc20);
            vm.assertEq(sheaf.pending(ALICE, token).amount, 40, "kept");
            uint64 price = token == 0 ? 2 * PRICE : 0;
            vm.assertEq(sheaf.token(token).escrow, 100 + price, "escrow");
        }
        vm.assertEq(erc20.balances(address(sheaf)), 100 * SCALE, "balance");
    }

    /// @dev Other contracts may take it, such as one token's that holds another token.
    function test_claim_paysEveryOtherContract() external {
        HostileToken another = new HostileToken();
        fund(1, 40, ALICE);
        vm.prank(ALICE);
        sheaf.claim(1, address(another));
        vm.assertEq(erc20.balances(address(another)), 40 * SCALE, "another token's contract");
    }

    function test_claim_byAReentrantRecipientPaysOnce() external {
        fund(1, 40, address(erc20));
        fund(1, 40, ALICE);
        erc20.reenter(address(sheaf), abi.encodeCall(ISheaf.claim, (1, ALICE)));
        vm.prank(ALICE);
        sheaf.claim(1, ALICE);
        vm.assertFalse(erc20.attackSucceeded(), "the door was open");
        vm.assertEq(sheaf.pending(address(erc20), 1).amount, 40, "not taken");
    }

    function depositToken(HostileToken.Manner manner, uint256 amount, uint64 units) private {
        erc20.behave(manner);
        (, uint64 index) = sheaf.queue();
        vm.expectEmit(address(sheaf));
        emit ISheaf.DepositRequested(index, ALICE, 1, units, OWNER);
        vm.prank(ALICE);
        sheaf.depositToken{value: FEE}(1, amount, OWNER);
    }

    function refuseDeposit(HostileToken.Manner manner) private {
        erc20.behave(manner);
        bytes4 selector = ISheaf.TokenCallFailed.selector;
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(selector, address(erc20)));
        sheaf.depositToken{value: FEE}(1, SCALE, OWNER);
    }

    function refuseRecipient(uint16 token, address recipient) private {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidRecipient.selector, recipient));
        sheaf.claim(token, recipient);
    }

    /// @dev Two deposits and an exit by Alice, and the words that consume them.
    function threeRequests()
        private
        returns (bytes memory first, bytes memory second, bytes memory third)
    {
        uint64[5] memory key;
        vm.startPrank(ALICE);
        sheaf.depositEther{value: FEE + 50 * 10 ** 9}(50 * 10 ** 9, OWNER);
        sheaf.depositToken{value: FEE}(1, 60 * SCALE, OWNER);
        sheaf.requestExit{value: EXIT_FEE}(3, key);
        vm.stopPrank();
        first = PlainWords.pair(50, 5, 0, 0, PlainWords.owner(OWNER));
        second = PlainWords.pair(60, 5, 1, 0, PlainWords.owner(OWNER));
        uint256 owner = PlainWords.owner(ownerOf(key, ALICE));
        third = PlainWords.pair(20, 6, 0, 3, owner);
    }

    /// @dev Deposits 100 units and lets a batch consume them and pay `units` to `account`.
    function fund(uint16 token, uint64 units, address account) private {
        vm.prank(ALICE);
        if (token == 0) sheaf.depositEther{value: FEE + 100 * 10 ** 9}(100 * 10 ** 9, OWNER);
        else sheaf.depositToken{value: FEE}(token, 100 * SCALE, OWNER);
        bytes memory deposit = PlainWords.pair(100, 5, token, 0, PlainWords.owner(OWNER));
        bytes memory payout = PlainWords.pair(units, 4, token, 0, uint160(account));
        finalise(bytes.concat(deposit, payout), "");
    }

    function refuseRequests(bytes memory l1Words, uint64 consumed) private {
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, l1Words, "");
        vm.prank(OPERATOR, OPERATOR);
        bytes4 selector = ISheaf.RequestsMismatch.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 0, consumed));
        sheaf.finalise(batch, l1Words, "", proof);
    }

    function requireRequest(uint64 index, bytes32 chain, address sender) private view {
        ISheaf.Request memory expected =
            ISheaf.Request({chain: chain, sender: sender, timestamp: uint64(block.timestamp)});
        bytes memory actual = abi.encode(sheaf.request(index));
        vm.assertEq(actual, abi.encode(expected), "request");
    }

    function requireQueue(uint64 head, uint64 tail) private view {
        (uint64 h, uint64 t) = sheaf.queue();
        vm.assertEq(h, head, "head");
        vm.assertEq(t, tail, "tail");
    }
}
