// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "./interfaces/ISheaf.sol";
import {Batches} from "./stages/Batches.sol";
import {Claims} from "./stages/Claims.sol";
import {Foundation} from "./stages/Foundation.sol";
import {Leaving} from "./stages/Leaving.sol";
import {Requests} from "./stages/Requests.sol";
import {Succession} from "./stages/Succession.sol";

/// @title Sheaf
/// @notice See `ISheaf`. The stages order the steps, and the libraries have the rules. The contract
/// has no owner, no pause and no way to change its code.
contract Sheaf is Requests, Batches, Claims, Leaving, Succession {
    constructor(ISheaf.Configuration memory configuration) Foundation(configuration) {}
}
