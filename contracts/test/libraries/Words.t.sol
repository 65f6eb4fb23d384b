// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Words} from "../../src/libraries/Words.sol";
import {PlainWords} from "../support/PlainWords.sol";
import {Test} from "../support/Test.sol";

contract WordsHarness {
    function count(bytes calldata stream, uint256 maximum) external pure returns (uint256) {
        return Words.count(stream, maximum);
    }

    function evaluate(bytes calldata stream, uint256 z, uint256 y) external pure returns (uint256) {
        return Words.evaluate(stream, z, y);
    }

    function pair(bytes calldata stream, uint256 offset) external pure returns (uint256, uint256) {
        return Words.pair(stream, offset);
    }
}

contract WordsTest is Test {
    WordsHarness private harness = new WordsHarness();

    function test_count_ofWholeWords(uint256 words) external view {
        words = bound(words, 0, 64);
        vm.assertEq(harness.count(new bytes(32 * words), 64), words, "words");
    }

    function test_count_refusesPartsOfWords(uint256 length) external {
        length = bound(length, 0, 2048);
        if (length % 32 == 0) length += 1;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidStream.selector, length, 64));
        harness.count(new bytes(length), 64);
    }

    function test_count_refusesOneWordTooMany() external {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidStream.selector, 65 * 32, 64));
        harness.count(new bytes(65 * 32), 64);
    }

    function test_evaluate_equalsThePlainSum(uint256 seed, uint256 words, uint256 z) external view {
        bytes memory stream = randomStream(seed, bound(words, 0, 40));
        z = z >> 8;
        vm.assertEq(harness.evaluate(stream, z, 0), PlainWords.evaluate(stream, z), "y");
    }

    function test_evaluate_ofLargestWordsDoesNotWrap() external view {
        bytes memory stream;
        for (uint256 i = 0; i < 24; i++) {
            stream = bytes.concat(stream, bytes32(type(uint256).max >> 8));
        }
        uint256 z = type(uint256).max >> 8;
        uint256 start = Words.FIELD - 1;
        uint256 expected = PlainWords.evaluate(bytes.concat(stream, bytes32(start)), z);
        vm.assertEq(harness.evaluate(stream, z, start), expected, "y");
    }

    function test_evaluate_continuesWithThePreviousStream(uint256 seed, uint256 a, uint256 b)
        external
        view
    {
        bytes memory first = randomStream(seed, bound(a, 0, 20));
        bytes memory second = randomStream(~seed, bound(b, 0, 20));
        uint256 z = draw(seed, 99) >> 8;
        uint256 y = harness.evaluate(first, z, harness.evaluate(second, z, 0));
        vm.assertEq(y, PlainWords.evaluate(bytes.concat(first, second), z), "y");
    }

    function test_evaluate_refusesAWordOf249Bits(uint256 words, uint256 place, uint256 bit)
        external
    {
        words = bound(words, 1, 40);
        bytes memory stream = randomStream(7, words);
        place = bound(place, 0, words - 1);
        stream[32 * place] = bytes1(uint8(1 << bound(bit, 0, 7)));
        vm.expectRevert(ISheaf.WordTooLarge.selector);
        harness.evaluate(stream, 3, 0);
    }

    function test_evaluate_tellsOneChangedBit(uint256 seed, uint256 place, uint256 bit)
        external
        view
    {
        bytes memory stream = randomStream(seed, 20);
        uint256 z = draw(seed, 99) >> 8;
        uint256 before = harness.evaluate(stream, z, 0);
        uint256 index = 32 * bound(place, 0, 19) + bound(bit, 8, 255) / 8;
        stream[index] ^= bytes1(uint8(1 << (bit % 8)));
        vm.assertNotEq(bytes32(harness.evaluate(stream, z, 0)), bytes32(before), "y");
    }

    function test_pair_givesItsFields(uint64 amount, uint16 token, uint32 slot, uint256 b)
        external
        view
    {
        amount %= 2 ** 62;
        bytes memory stream =
            bytes.concat(new bytes(64), PlainWords.pair(amount, 6, token, slot, b));
        (uint256 a, uint256 second) = harness.pair(stream, 64);
        vm.assertEq(second, b, "B");
        vm.assertEq(Words.code(a), Words.EXIT, "code");
        vm.assertEq(Words.token(a), token, "token");
        vm.assertEq(Words.amount(a), amount, "amount");
        uint256 request = PlainWords.word(0, 0, 0, 6 + 2 ** 20 * uint256(slot));
        vm.assertEq(Words.exitRequest(a), request, "cleared");
        vm.assertEq(Words.exitWord(slot), request, "requested");
    }

    function test_depositWord(uint64 amount, uint16 token) external pure {
        amount %= 2 ** 62;
        uint256 expected = PlainWords.word(amount, 0, 0, 5 + 16 * uint256(token));
        vm.assertEq(Words.depositWord(token, amount), expected, "A");
        vm.assertEq(Words.code(expected), Words.DEPOSIT, "code");
    }

    function test_ownerWord(bytes24 owner) external pure {
        vm.assertEq(Words.ownerWord(owner), PlainWords.owner(owner), "B");
    }

    function randomStream(uint256 seed, uint256 words) private pure returns (bytes memory stream) {
        for (uint256 i = 0; i < words; i++) {
            stream = bytes.concat(stream, bytes32(draw(seed, i) >> 8));
        }
    }
}
