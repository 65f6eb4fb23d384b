// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Sheaf} from "../src/Sheaf.sol";
import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {Digests} from "../src/libraries/Digests.sol";
import {PlainPoseidon} from "./support/PlainPoseidon.sol";
import {Rollup} from "./support/Rollup.sol";

/// @notice What a deployment decides, and what it refuses.
contract SheafDeploymentTest is Rollup {
    function test_constructor_computesTheFirstState() external view {
        uint256[] memory elements = new uint256[](8);
        elements[0] = block.chainid;
        PlainPoseidon.putAddress(elements, address(sheaf));
        bytes24 domain = bytes24(PlainPoseidon.hash(4, elements));
        vm.assertEq(bytes32(sheaf.domain()), bytes32(domain), "domain");
        PlainPoseidon.putDigest(elements, 0, Digests.EMPTY_ROOT);
        for (uint256 i = 0; i < 3; i++) {
            elements[5 + i] = uint64(bytes8(domain << (64 * i)));
        }
        elements[4] = 0;
        vm.assertEq(sheaf.state(), PlainPoseidon.hash(12, elements), "state");
    }

    function test_constructor_startsAtZero() external view {
        (uint64 number, uint32 timestamp, uint64 servedAt, uint64 operatorAt, bool frozen) =
            sheaf.progress();
        vm.assertEq(number, 0, "number");
        vm.assertEq(timestamp, 0, "timestamp");
        vm.assertEq(servedAt, 0, "served at");
        vm.assertEq(operatorAt, START, "operator since");
        vm.assertFalse(frozen, "frozen");
        vm.assertEq(sheaf.frozenRoot(), 0, "no root");
        (uint64 head, uint64 tail) = sheaf.queue();
        vm.assertEq(head + tail, 0, "queue");
    }

    function test_constructor_keepsWhatWasDecided() external {
        ISheaf.Configuration memory decided = configuration();
        decided.etherOutflowLimit = 77;
        sheaf = new Sheaf(decided);
        vm.assertEq(sheaf.tokens(), 1, "ether is listed");
        vm.assertEq(sheaf.token(0).outflowLimit, 77, "ether's limit");
        vm.assertEq(address(sheaf.verifier()), address(decided.verifier), "verifier");
        vm.assertEq(sheaf.operator(), OPERATOR, "operator");
        (address holder, uint64 leaseEnd) = sheaf.lease();
        vm.assertEq(holder, OPERATOR, "holder of the role");
        vm.assertEq(leaseEnd, 0, "no lease");
        vm.assertEq(sheaf.lister(), LISTER, "lister");
        vm.assertEq(sheaf.silenceDelay(), SILENCE, "silence delay");
        vm.assertEq(sheaf.freezeDelay(), FREEZE, "freeze delay");
        vm.assertEq(sheaf.exitBond(), BOND, "exit bond");
        vm.assertEq(sheaf.takeoverBond(), TAKEOVER_BOND, "takeover bond");
        vm.assertEq(sheaf.priceOfRequest(), FEE, "price");
        vm.assertEq(sheaf.firstBlock(), block.number, "first block");
    }

    function test_constructor_takesAContractAsOperator() external {
        ISheaf.Configuration memory decided = configuration();
        decided.operator = address(decided.verifier);
        vm.assertEq(new Sheaf(decided).operator(), address(decided.verifier), "operator");
    }

    function test_constructor_takesNoLister() external {
        ISheaf.Configuration memory decided = configuration();
        decided.lister = address(0);
        vm.assertEq(new Sheaf(decided).lister(), address(0), "lister");
    }

    function test_constructor_refusesAVerifierWithoutCode() external {
        ISheaf.Configuration memory decided = configuration();
        decided.verifier = IVerifier(address(77));
        refuse(decided);
    }

    function test_constructor_refusesNoOperator() external {
        ISheaf.Configuration memory decided = configuration();
        decided.operator = address(0);
        refuse(decided);
    }

    function test_constructor_refusesAVerifierWithAnotherKey(bytes32 expected) external {
        ISheaf.Configuration memory decided = configuration();
        bytes32 keyHash = decided.verifier.keyHash();
        vm.assume(expected != keyHash);
        decided.keyHash = expected;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.OtherKey.selector, keyHash, expected));
        this.deploy(decided);
    }

    function test_constructor_takesAnHourOfSilenceAndNoLess() external {
        ISheaf.Configuration memory decided = configuration();
        bytes4 selector = ISheaf.SilenceDelayTooShort.selector;
        uint64[2] memory short = [uint64(1 hours - 1), 0];
        for (uint256 i = 0; i < 2; i++) {
            decided.silenceDelay = short[i];
            vm.expectRevert(abi.encodeWithSelector(selector, short[i], 1 hours));
            this.deploy(decided);
        }
        decided.silenceDelay = 1 hours;
        vm.assertEq(new Sheaf(decided).silenceDelay(), 1 hours, "hour");
    }

    /// @dev Between the operator's second delay and the freeze there must be time to answer.
    function test_constructor_takesAFreezeDelayOfFourSilenceDelaysAndNoLess() external {
        ISheaf.Configuration memory decided = configuration();
        decided.freezeDelay = 4 * SILENCE - 1;
        refuse(decided);
        decided.freezeDelay = 0;
        refuse(decided);
        decided.freezeDelay = 4 * SILENCE;
        vm.assertEq(new Sheaf(decided).freezeDelay(), 4 * SILENCE, "four delays");
    }

    /// @dev A delay that never ends, or wraps, would take the freeze away.
    function test_constructor_refusesAFreezeDelayThatNobodyLivesToSee() external {
        ISheaf.Configuration memory decided = configuration();
        decided.freezeDelay = uint64(type(uint32).max) + 1;
        refuse(decided);
        decided.freezeDelay = type(uint64).max;
        refuse(decided);
        decided.silenceDelay = type(uint64).max;
        refuse(decided);
        decided = configuration();
        decided.freezeDelay = type(uint32).max;
        vm.assertEq(new Sheaf(decided).freezeDelay(), type(uint32).max, "longest");
    }

    function test_constructor_refusesPricesAndBondsOutsideTheirRanges() external {
        ISheaf.Configuration memory decided = configuration();
        decided.requestPrice = 0;
        refuse(decided);
        decided.requestPrice = 2 ** 40 + 1;
        refuse(decided);
        decided = configuration();
        decided.exitBond = 2 ** 40 + 1;
        refuse(decided);
        decided = configuration();
        decided.takeoverBond = 0;
        refuse(decided);
        decided.takeoverBond = 2 ** 50 + 1;
        refuse(decided);
        (decided.requestPrice, decided.exitBond) = (2 ** 40, 2 ** 40);
        decided.takeoverBond = 2 ** 50;
        new Sheaf(decided);
        (decided.requestPrice, decided.exitBond, decided.takeoverBond) = (1, 0, 1);
        new Sheaf(decided);
    }

    function refuse(ISheaf.Configuration memory decided) private {
        vm.expectRevert(ISheaf.InvalidConfiguration.selector);
        this.deploy(decided);
    }

    /// @dev A call of its own: a refused `new` would end the test.
    function deploy(ISheaf.Configuration calldata decided) external {
        new Sheaf(decided);
    }
}
