// Made by scripts/generate.mjs of sdk/openapi.json.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether blocks and batches advance. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{owner}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The slots of an owner, in the order in which they were opened. For an owner with more than 256
         *     slots, the 256 opened last.
         */
        get: operations["account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{owner}/nonce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The nonce to sign next: the nonce after the transactions that are ready in the mempool. */
        get: operations["nonce"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{owner}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The movements of an account's balances, the newest first: transfers sent and received,
         *     withdrawals, deposits and exits in durable blocks. For an account with more than 256 slots, the
         *     movements of the 256 opened last.
         */
        get: operations["history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sealed batches, the newest first. */
        get: operations["list"];
        put?: never;
        /**
         * Closes the open batch now, so that the batch is sealed and proven. Requires the operator's
         *     token.
         */
        post: operations["close"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One sealed batch. */
        get: operations["batch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The proof that L1 verifies, and its public inputs. */
        get: operations["proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blobs/{versioned_hash}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A blob of a batch: 131,072 bytes. */
        get: operations["blob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Blocks as they become durable and batches as they reach a new state. A subscriber that reads too
         *     slowly gets an event `lost` with the number of events that it missed. The stream ends when the
         *     sequencer ends, or when another address needs the place.
         */
        get: operations["stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fees/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The least fee of a transaction, honoured until the quote expires. */
        get: operations["quote"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/lease": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leases the oldest ready job. */
        post: operations["lease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands in a proof, as the body's bytes. */
        post: operations["complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/fail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a job back that the worker failed to prove. The failure counts against the job. */
        post: operations["fail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Extends the lease. */
        post: operations["heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/inputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The inputs of a job, as parts, each after its 32-bit little-endian length: first the batch's
         *     witness, then the proofs that the job needs.
         */
        get: operations["inputs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a job back because the worker has to end. No failure is counted. */
        post: operations["release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a quarantined job back into the queue. Requires the operator's token. */
        post: operations["requeue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The OpenAPI document of this API. */
        get: operations["serve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slots/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One slot. */
        get: operations["slot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slots/{index}/path": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A slot after the newest final batch, with its Merkle path to that batch's root: what the
         *     contract's `freeze` and `escape` take beside the owner's key.
         */
        get: operations["path"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The state of the rollup: its newest block, its batches, its mempool and its proving jobs. */
        get: operations["status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends one transaction or an array. The answer comes when each transaction is durable, held or
         *     refused, or after 10 seconds. Sending the same transaction again is harmless: the answer then
         *     says how far the transaction has come.
         * @description With `Content-Type: application/octet-stream` the body is an array in the binary form of
         *     docs/protocol.md, section 11; with any other type, or without one, the body is JSON. With
         *     `Accept: application/octet-stream` the answer to an array is binary. Errors are always JSON.
         */
        post: operations["submit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The stage that a transaction has reached. */
        get: operations["transaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An owner's slots. */
        AccountBody: {
            /** @description bech32m with the prefix `sheaf`. */
            owner: string;
            /**
             * @description In the order of opening, at most the 256 opened last. Empty for an owner who has not been
             *     paid yet.
             */
            slots: components["schemas"]["SlotBody"][];
        };
        /** @description A sealed batch. */
        BatchBody: {
            /**
             * @description How the data words travel to L1: `calldata` or `blobs`.
             * @example blobs
             */
            data_mode: string;
            /**
             * @description What names the data words on L1, `0x` and 64 hex digits; null for a batch that an older
             *     version has sealed.
             */
            data_reference?: string | null;
            /** Format: int64 */
            data_words: number;
            /** Format: int64 */
            entries: number;
            /** Format: int64 */
            finalised_ms?: number | null;
            /** Format: int64 */
            first_block: number;
            /**
             * Format: int64
             * @description The first request of L1 that no earlier batch consumed.
             */
            first_request: number;
            /**
             * Format: int64
             * @description The gas that the transaction used, once the batch is final.
             */
            gas_used?: number | null;
            /**
             * Format: int64
             * @description The number of the L1 block with the transaction, once the batch is final.
             */
            l1_block?: number | null;
            /** @description The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent. */
            l1_transaction?: string | null;
            /** Format: int64 */
            l1_words: number;
            /** Format: int64 */
            last_block: number;
            /**
             * Format: int64
             * @description How many slots are open after the batch.
             */
            next_slot: number;
            /** Format: int64 */
            number: number;
            /** @description The slot tree's root after the batch, `0x` and 64 hex digits. */
            post_root: string;
            /** @description The contract's State after the batch, `0x` and 64 hex digits. */
            post_state: string;
            /** @description The contract's State before the batch, `0x` and 64 hex digits. */
            pre_state: string;
            /** Format: int64 */
            proven_ms?: number | null;
            /**
             * Format: int64
             * @description How many requests of L1 the batch consumed.
             */
            requests: number;
            /**
             * Format: int64
             * @description Unix milliseconds of the sequencer's clock, as in the next three fields. A batch that was
             *     read from L1 at a rebuild has its timestamp here, and neither these three nor `gas_used`.
             */
            sealed_ms: number;
            state: components["schemas"]["BatchState"];
            /** Format: int64 */
            submitted_ms?: number | null;
            /**
             * Format: int32
             * @description Unix seconds. Each of the batch's transactions is valid at this time.
             */
            timestamp: number;
            /**
             * Format: int64
             * @description This and the next three counts are 0 in a batch whose words were not read, because a rebuild
             *     began with a snapshot after it.
             */
            transactions: number;
        };
        /**
         * @description The state of a sealed batch.
         * @enum {string}
         */
        BatchState: "sealed" | "proven" | "submitted" | "finalised";
        /** @description A page of batches. */
        BatchesBody: {
            /** @description The newest first. */
            batches: components["schemas"]["BatchBody"][];
        };
        /**
         * @description Why a batch was closed.
         * @enum {string}
         */
        CloseReason: "size" | "age" | "request";
        /** @description A batch that closes early because the operator asked for it. */
        ClosedBody: {
            /** Format: int64 */
            batch: number;
        };
        /** @description The proof is verified and stored. */
        Completed: {
            /** @description False when a proof was stored under the same attempt before. */
            stored: boolean;
        };
        /** @description The body of an error. */
        ErrorBody: {
            error: components["schemas"]["ErrorDetail"];
        };
        /** @description Why a request or a transaction was refused. */
        ErrorDetail: {
            /**
             * @description The rule or condition, in snake_case; for programs, and never changed.
             * @example balance_too_low
             */
            code: string;
            /** @description For people. */
            message: string;
            /**
             * Format: int64
             * @description Seconds after which the same request or transaction may succeed; absent if waiting does not
             *     help.
             */
            retry_after_s?: number | null;
            /** @description The id of the refused transaction, if it has one. */
            transaction?: string | null;
        };
        /** @description An event: a block became durable, or a batch reached a state. */
        Event: {
            /** Format: int64 */
            batch: number;
            closes?: components["schemas"]["CloseReason"] | null;
            /** @enum {string} */
            event: "block";
            /**
             * Format: int64
             * @description Unix milliseconds.
             */
            executed_ms: number;
            /** Format: int64 */
            number: number;
            /** Format: int32 */
            requests: number;
            /** Format: int64 */
            transactions: number;
        } | {
            /** @enum {string} */
            event: "batch";
            /** Format: int64 */
            number: number;
            state: components["schemas"]["BatchState"];
        };
        /** @description A job that was taken back because its worker failed or let the lease end. */
        FailedJob: {
            /** Format: int64 */
            batch: number;
            /**
             * Format: int32
             * @description How often the job has failed since it was last put into the queue.
             */
            failures: number;
            /** @description Whether the job is quarantined: after too many failures or lapses, no worker gets it. */
            is_quarantined: boolean;
            /** Format: int64 */
            job: number;
            /**
             * Format: int32
             * @description How often its lease has ended since then without a message from the worker.
             */
            lapses: number;
            /** @description Why the job was taken back last. */
            reason: string;
            /** @example join-entry-0-2 */
            step: string;
            /** @description The name of the worker that leased the job last. */
            worker: string;
        };
        /** @description The worker gives the job up, which counts as a failure of the job. */
        FailureReport: {
            /** Format: int32 */
            attempt: number;
            /** @description Why, in one line; cut to 256 bytes. */
            reason: string;
        };
        /** @description The answer of a healthy sequencer; an unhealthy one answers with an error. */
        HealthBody: {
            /**
             * @description True while another sequencer leads: this one serves reads and takes over when the other one
             *     ends. Absent otherwise.
             */
            following?: boolean;
            /** @description Always true. */
            healthy: boolean;
            /**
             * @description True while no L1 node answers, or the database has not been compared with L1 since the
             *     start: payments go on, deposits wait and no batch becomes final. Absent otherwise.
             */
            l1_unreachable?: boolean;
            /**
             * Format: int64
             * @description How many batches the operator's L1 account pays for; absent without an L1, or until the
             *     account was read.
             */
            operator_batches?: number | null;
        };
        /** @description The worker still works on the job, which extends the lease. */
        Heartbeat: {
            /** Format: int32 */
            attempt: number;
        };
        /** @description The lease as a heartbeat has extended it. */
        HeartbeatAnswer: {
            /**
             * Format: int64
             * @description Milliseconds until the lease ends unless another heartbeat extends it.
             */
            lease_ms: number;
        };
        /** @description A page of an account's history. */
        HistoryBody: {
            /** @description The value of `before` for the next page; absent on the last page. */
            next?: string | null;
            /** @description bech32m with the prefix `sheaf`. */
            owner: string;
            /** @description The newest first. */
            transactions: components["schemas"]["MovementBody"][];
        };
        /** @description How many jobs are in each state. */
        JobCounts: {
            /**
             * Format: int64
             * @description Jobs whose proof is stored. Of an older final batch, only the final job is kept.
             */
            done: number;
            /**
             * Format: int64
             * @description Jobs that a worker proves.
             */
            leased: number;
            /**
             * Format: int64
             * @description Jobs that no worker gets any more, until the operator puts them back into the queue.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description Jobs that the next worker may lease.
             */
            ready: number;
            /**
             * Format: int64
             * @description Jobs that wait for the proofs of other jobs.
             */
            waiting: number;
        };
        /** @description The L1 nodes of the sequencer. */
        L1Body: {
            /**
             * @description Whether the database has been compared with L1 since the start. Before that, deposits wait
             *     and no batch is submitted.
             */
            compared: boolean;
            /** @description Host and port of the node that did the last step; null while no node answers. */
            node?: string | null;
            /** @description All nodes, in the operator's order. */
            nodes: components["schemas"]["L1NodeBody"][];
        };
        /** @description An L1 node. */
        L1NodeBody: {
            /** @description Whether the node answered the last question, if only with an error. */
            answers: boolean;
            /**
             * Format: int64
             * @description The newest block that the node has shown; null before the first.
             */
            block?: number | null;
            /** @description Host and port. */
            node: string;
        };
        /** @description A job that belongs to the worker until the lease ends. */
        Lease: {
            /**
             * Format: int32
             * @description The fencing token, which every later message about the job must repeat.
             */
            attempt: number;
            /** Format: int64 */
            batch: number;
            /** @description What names the batch's data words on L1, `0x` and 64 hex digits; the proof depends on it. */
            data_reference: string;
            /** Format: int64 */
            job: number;
            /**
             * Format: int64
             * @description Milliseconds until the lease ends unless a heartbeat extends it.
             */
            lease_ms: number;
            /** @example join-entry-0-2 */
            step: string;
        };
        /** @description A worker's request for a job. */
        LeaseRequest: {
            /** @description The digest of the worker's circuits, 64 hexadecimal digits. */
            circuits: string;
            /** @description The worker's name, 1 to 256 bytes, for people who look for the machine that fails. */
            worker: string;
        };
        /** @description What one durable transaction or one request of L1 did to a slot of the account. */
        MovementBody: {
            /**
             * @description L2 units without the fee, a decimal string; absent for an exit, which takes the whole
             *     balance.
             */
            amount?: string | null;
            /** Format: int64 */
            batch: number;
            /** Format: int64 */
            block: number;
            /** @description The owner who paid, or the recipient of a sent transfer with one payment. */
            counterparty?: string | null;
            /**
             * Format: int64
             * @description When the block was executed, Unix milliseconds of the sequencer's clock.
             */
            executed_ms: number;
            /**
             * @description L2 units, a decimal string: the fee that the owner paid in addition to the amount. Absent
             *     where the owner signed nothing.
             */
            fee?: string | null;
            /** @description The id of the signed transaction, `0x` and 64 hex digits; absent for a request of L1. */
            id?: string | null;
            kind: components["schemas"]["MovementKind"];
            /** @description The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent. */
            l1_transaction?: string | null;
            /**
             * Format: int32
             * @description How many payments a sent transfer makes; absent for every other kind.
             */
            payments?: number | null;
            /** @description The L1 address that a withdrawal pays, `0x` and 40 hex digits. */
            recipient?: string | null;
            request?: components["schemas"]["RequestBody"] | null;
            /** Format: int32 */
            slot: number;
            stage: components["schemas"]["Stage"];
            /** Format: int32 */
            token: number;
        };
        /**
         * @description The kind of a movement.
         * @enum {string}
         */
        MovementKind: "sent" | "received" | "withdrawn" | "deposited" | "exited";
        /** @description The slot, token and nonce to sign next. */
        NonceBody: {
            /**
             * Format: int32
             * @description The nonce to sign next; transactions that wait are counted.
             */
            nonce: number;
            /** Format: int32 */
            slot: number;
            /** Format: int32 */
            token: number;
        };
        /** @description The L1 account that submits batches. */
        OperatorBody: {
            /** @description `0x` and 40 hex digits. */
            address: string;
            /**
             * Format: int64
             * @description How many batches the balance pays for, at the gas of the newest final batch and today's fee.
             */
            batches: number;
            /** @description The balance in wei, a decimal string. */
            wei: string;
        };
        /**
         * @description A slot after the newest final batch, with its path to that batch's root: with the owner's key,
         *     all that the contract's `escape` takes.
         */
        PathBody: {
            /** @description L2 units, a decimal string. */
            balance: string;
            /**
             * Format: int64
             * @description The newest final batch, after which all of this is true.
             */
            batch: number;
            /**
             * Format: int64
             * @description How many slots are open after the batch.
             */
            next_slot: number;
            /** Format: int32 */
            nonce: number;
            /** @description bech32m with the prefix `sheaf`. */
            owner: string;
            /** @description The slot tree's root after the batch. */
            root: string;
            /** @description 32 digests: the leaf's own sibling first, the root's child last. */
            siblings: string[];
            /**
             * Format: int32
             * @description The slot's index.
             */
            slot: number;
            /**
             * Format: int32
             * @description The token's number in the contract's list; ether is 0.
             */
            token: number;
        };
        /** @description One payment of a transfer. */
        PaymentBody: {
            /**
             * @description L2 units, a decimal string.
             * @example 1000
             */
            amount: string;
            /** @description The recipient, bech32m with the prefix `sheaf`. */
            owner: string;
        };
        /** @description The final proof of a batch. */
        ProofBody: {
            /** Format: int64 */
            batch: number;
            /** @description Whether the proof is a development proof, which no real contract accepts. */
            development: boolean;
            /** @description The proof that L1 verifies, `0x` and hex digits. */
            proof: string;
            /** @description The public inputs with which L1 verifies the proof: integers, `0x` and 64 hex digits each. */
            public_inputs: string[];
        };
        /** @description The least fee of a transaction. */
        QuoteBody: {
            /**
             * Format: int64
             * @description Unix seconds until which the sequencer accepts the fee, unless the operator restarts it with
             *     other fees.
             */
            expires: number;
            /** @description L2 units, a decimal string. */
            fee: string;
            /** Format: int32 */
            payments: number;
            /** Format: int32 */
            token: number;
        };
        /** @description The worker gives the job back because the worker has to end. No failure of the job is counted. */
        Release: {
            /** Format: int32 */
            attempt: number;
        };
        /** @description A request of L1. */
        RequestBody: {
            /** @description The L1 transaction that made the request, `0x` and 64 hex digits. */
            l1_transaction?: string | null;
            /**
             * Format: int64
             * @description The request's place in the contract's queue, from 0.
             */
            number: number;
        };
        /**
         * @description A signed transaction: exactly one of `transfer` and `withdrawal`, the key and the L1 address
         *     that open the slot's owner, and the signature.
         */
        SignedTransactionBody: {
            /** @description The public key, as docs/protocol.md section 3 encodes it. */
            key: string;
            /** @description The L1 address that opens the owner together with the key, `0x` and 40 hex digits. */
            l1_address: string;
            /** @description R then s, as docs/protocol.md section 3 encodes them. */
            signature: string;
            transfer?: components["schemas"]["TransferBody"] | null;
            withdrawal?: components["schemas"]["WithdrawalBody"] | null;
        };
        /** @description A slot after the newest durable block. */
        SlotBody: {
            /** @description L2 units, a decimal string. */
            balance: string;
            /**
             * Format: int32
             * @description The nonce to sign next; transactions that wait are counted.
             */
            next_nonce: number;
            /**
             * Format: int32
             * @description How many of the slot's signed transactions durable blocks contain.
             */
            nonce: number;
            /** @description bech32m with the prefix `sheaf`. */
            owner: string;
            /**
             * Format: int32
             * @description The slot's index.
             */
            slot: number;
            /**
             * Format: int32
             * @description The token's number in the contract's list; ether is 0.
             */
            token: number;
        };
        /**
         * @description The stage that a transaction has passed last.
         * @enum {string}
         */
        Stage: "received" | "accepted" | "executed" | "sealed" | "proven" | "submitted" | "finalised" | "rejected";
        /** @description The state of the rollup. */
        StatusBody: {
            /**
             * Format: int64
             * @description The newest durable block; 0 before the first.
             */
            block: number;
            /**
             * Format: int64
             * @description When the newest durable block was executed, Unix milliseconds.
             */
            block_executed_ms: number;
            /** Format: int64 */
            chain_id: number;
            /** @description The digest of the circuits, 64 hex digits. */
            circuits: string;
            /** @description The rollup's contract, `0x` and 40 hex digits. */
            contract: string;
            /** @description Whether batches get development proofs, which prove nothing. */
            development: boolean;
            jobs: components["schemas"]["JobCounts"];
            l1?: components["schemas"]["L1Body"] | null;
            /**
             * Format: int64
             * @description The oldest sealed batch without a final proof; null if there is none.
             */
            oldest_unproven_batch?: number | null;
            /**
             * Format: int64
             * @description The batch that takes blocks; null if no batch is open.
             */
            open_batch?: number | null;
            operator?: components["schemas"]["OperatorBody"] | null;
            /** @description The quarantined jobs, at most the oldest 16. Their batches wait for the operator. */
            quarantined: components["schemas"]["FailedJob"][];
            /**
             * Format: int64
             * @description The newest sealed batch; 0 before the first.
             */
            sealed_batch: number;
            /**
             * Format: int64
             * @description How many slots durable blocks have opened.
             */
            slots: number;
            /**
             * Format: int64
             * @description How many transactions are in the mempool.
             */
            waiting: number;
        };
        /** @description One transaction, or an array of at most 1,024. */
        SubmissionBody: components["schemas"]["SignedTransactionBody"] | components["schemas"]["SignedTransactionBody"][];
        /** @description The answers to an array of transactions, in the array's order. */
        SubmissionResults: {
            results: components["schemas"]["TransactionStatus"][];
        };
        /** @description The stage of a transaction and its place in the log. */
        TransactionStatus: {
            /** Format: int64 */
            batch?: number | null;
            /** Format: int64 */
            block?: number | null;
            /** @description Whether the sequencer promises to keep the transaction: from `executed` on. */
            durable: boolean;
            error?: components["schemas"]["ErrorDetail"] | null;
            /**
             * @description The signed message, `0x` and 64 hex digits; null if the transaction breaks a rule of form,
             *     or its connection has sent so many wrong signatures that nothing of it is read.
             */
            id?: string | null;
            /** @description The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent. */
            l1_transaction?: string | null;
            /**
             * Format: int32
             * @description The transaction's index among the block's transactions.
             */
            position?: number | null;
            stage: components["schemas"]["Stage"];
        };
        /** @description A transfer: pays from one slot to 1 to 1,024 owners. */
        TransferBody: {
            /**
             * @description L2 units, a decimal string.
             * @example 10
             */
            fee: string;
            /**
             * Format: int32
             * @description The slot's nonce before the transaction.
             */
            nonce: number;
            payments: components["schemas"]["PaymentBody"][];
            /** Format: int32 */
            slot: number;
            /** Format: int32 */
            token: number;
            /**
             * Format: int32
             * @description Unix seconds: the last batch timestamp at which the transaction is valid.
             */
            valid_until: number;
        };
        /** @description A withdrawal: pays from one slot to an L1 address. */
        WithdrawalBody: {
            /** @description L2 units, a decimal string. */
            amount: string;
            /** @description L2 units, a decimal string. */
            fee: string;
            /**
             * Format: int32
             * @description The slot's nonce before the transaction.
             */
            nonce: number;
            /** @description The L1 address to pay, `0x` and 40 hex digits. */
            recipient: string;
            /** Format: int32 */
            slot: number;
            /** Format: int32 */
            token: number;
            /**
             * Format: int32
             * @description Unix seconds: the last batch timestamp at which the transaction is valid.
             */
            valid_until: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the code says what does not advance */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description bech32m with the prefix `sheaf` */
                owner: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountBody"];
                };
            };
            /** @description this is no owner */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    nonce: {
        parameters: {
            query: {
                token: number;
            };
            header?: never;
            path: {
                /** @description bech32m */
                owner: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NonceBody"];
                };
            };
            /** @description this is no owner, or no token */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the owner has no slot of the token */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    history: {
        parameters: {
            query?: {
                /** @description Only movements before this place, which is `next` of the page before. */
                before?: string;
                /**
                 * @description The most movements in the page, 1 to 100; 100 if absent. A page that took much to read ends
                 *     before its limit, so only an absent `next` marks the last page.
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description bech32m */
                owner: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryBody"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the page's blocks are archived and not served here */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description too many read history */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list: {
        parameters: {
            query?: {
                /** @description Only batches with a lower number. */
                before?: number;
                /** @description The most batches in the page, up to 100; 100 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchesBody"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    close: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description closed; sealing follows */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosedBody"];
                };
            };
            /** @description not the operator's token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no operator's token */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no batch is open */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchBody"];
                };
            };
            /** @description this is no number */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not sealed yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    proof: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofBody"];
                };
            };
            /** @description this is no number */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not proven yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `0x` and 64 hex digits (EIP-4844) */
                versioned_hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description this is no versioned hash */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no batch has published such a blob */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    stream: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a stream of `block`, `batch` and `lost` events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Event"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description too many subscribers */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    quote: {
        parameters: {
            query: {
                /** @description The token's number in the contract's list; ether is 0. */
                token: number;
                /** @description How many payments a transfer makes, 1 to 1,024; 1 if absent. A withdrawal counts as one. */
                payments?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBody"];
                };
            };
            /** @description no transfer has so many payments */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the token is not served */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    lease: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lease"];
                };
            };
            /** @description no job is ready */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the worker built other circuits */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    complete: {
        parameters: {
            query: {
                /** @description The fencing token of the lease. */
                attempt: number;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completed"];
                };
            };
            /** @description the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the proof is not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    fail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FailureReport"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    heartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Heartbeat"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeartbeatAnswer"];
                };
            };
            /** @description the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    inputs: {
        parameters: {
            query: {
                /** @description The fencing token of the lease. */
                attempt: number;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description this is no job, or no attempt */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the batch is final, and its witness gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Release"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    requeue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description this is no job */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the operator's token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no operator's token */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    serve: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what this API answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    slot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the slot's index */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlotBody"];
                };
            };
            /** @description this is no index */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the slot is not open */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    path: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the slot's index */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PathBody"];
                };
            };
            /** @description this is no index */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no final batch has opened the slot */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the final state is being read; ask again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    submit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmissionBody"];
                "application/octet-stream": number[];
            };
        };
        responses: {
            /** @description executed in a durable block; for an array, see each result */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionStatus"];
                    "application/octet-stream": number[];
                };
            };
            /** @description on its way or held in memory, not durable */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionStatus"];
                };
            };
            /** @description the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description refused by the rule that the code names */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description too many of this owner's, or of all, are waiting; no batch may be opened now; or this address asks too often */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description overloaded, or stopping: what became of it is not known */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    transaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `0x` and 64 hex digits */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionStatus"];
                };
            };
            /** @description this is no id */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description neither in the log nor on its way; refusals are forgotten after a while */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; or the process is stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
}
