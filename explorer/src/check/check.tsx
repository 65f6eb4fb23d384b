// "Check it yourself": the reader names a node of L1, and each step becomes green or red.

import { useEffect, useRef, useState } from "preact/hooks";
import type { BatchBody, Hex } from "sheaf-sdk";
import { Fault, Panel } from "../parts/panel.tsx";
import { saidBy, WordTable } from "../parts/words.tsx";
import { useFeed } from "../sequencer/feed.ts";
import { durationText } from "../text/time.ts";
import { type Announced, devnetNode, nodeFault, useWallets } from "../wallet/provider.ts";
import { QUESTIONS, STEPS, type Step, type StepName } from "./questions.ts";
import { type Outcome, type Running, run } from "./run.ts";

/** The choice of a URL among the wallets. */
const BY_URL = "url";

type State =
  | { at: "start" | "running" }
  | { at: "end"; outcome: Outcome }
  | { at: "fault"; error: unknown };

export function Check({ batch }: { batch: BatchBody }) {
  const [steps, setSteps] = useState<Step[]>([]);
  const [state, setState] = useState<State>({ at: "start" });
  const running = useRef<Running>(null);
  useEffect(() => () => running.current?.stop(), []);
  const start = (from: { chainId: number; contract: Hex; url?: string; wallet?: Announced }) => {
    const { wallet, ...node } = from;
    running.current?.stop();
    setSteps([]);
    setState({ at: "running" });
    const tell = (step: Step) => setSteps(steps => [...steps, step]);
    running.current = run({ batch, ...node }, wallet?.provider, tell);
    running.current.outcome.then(
      outcome => setState({ at: "end", outcome }),
      error => setState({ at: "fault", error }),
    );
  };
  return (
    <Panel title="Check it yourself">
      <p class="small faint">
        Your browser reads this batch from L1 through a node of yours, computes z and y out of its
        words, and verifies the proof. Nothing that the sequencer says is believed.
      </p>
      {batch.state === "finalised" ? (
        <NodeForm isRunning={state.at === "running"} onStart={start} />
      ) : (
        <p>L1 has not verified this batch yet. It can be checked when it is finalised.</p>
      )}
      {state.at !== "start" && <Steps steps={steps} isRunning={state.at === "running"} />}
      {state.at === "fault" && <Fault error={state.error} />}
      {state.at === "end" && <Verdict steps={steps} outcome={state.outcome} />}
      {state.at === "end" && state.outcome.words !== undefined && (
        <CheckedWords words={state.outcome.words} />
      )}
    </Panel>
  );
}

interface NodeFormProps {
  isRunning: boolean;
  onStart: (from: { chainId: number; contract: Hex; url?: string; wallet?: Announced }) => void;
}

/** Which node, and which contract. */
function NodeForm({ isRunning, onStart }: NodeFormProps) {
  const { status } = useFeed();
  const wallets = useWallets();
  const [choice, setChoice] = useState(BY_URL);
  const [typed, setTyped] = useState<string>();
  const [meant, setMeant] = useState<string>();
  const [fault, setFault] = useState<string>();
  if (status === undefined) return <p class="faint">Asking…</p>;
  const url = typed ?? devnetNode(status) ?? "";
  const contract = meant ?? status.contract;
  const wallet = wallets.find(({ id }) => id === choice);
  const submit = (event: Event) => {
    event.preventDefault();
    const found = faultOf(contract, wallet === undefined ? url : undefined);
    setFault(found);
    if (found !== undefined) return;
    const node = wallet === undefined ? { url } : { wallet };
    onStart({ chainId: status.chain_id, contract: contract.toLowerCase() as Hex, ...node });
  };
  return (
    <form class="form" onSubmit={submit}>
      {wallets.length > 0 && (
        <div class="field">
          <label for="check-node">Read L1 through</label>
          <select
            id="check-node"
            value={choice}
            onChange={event => setChoice(event.currentTarget.value)}
          >
            {wallets.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value={BY_URL}>a node's address</option>
          </select>
        </div>
      )}
      {wallet === undefined && (
        <div class="field">
          <label for="check-url">Address of your L1 node</label>
          <input
            id="check-url"
            inputMode="url"
            placeholder="https://… or http://127.0.0.1:8545"
            value={url}
            onInput={event => setTyped(event.currentTarget.value)}
          />
        </div>
      )}
      <div class="field">
        <label for="check-contract">Contract, as its operators published it</label>
        <input
          id="check-contract"
          class="digits"
          spellcheck={false}
          value={contract}
          onInput={event => setMeant(event.currentTarget.value)}
        />
      </div>
      {fault !== undefined && (
        <p class="notice bad" role="alert">
          {fault}
        </p>
      )}
      <div>
        <button type="submit" class="main-act" disabled={isRunning}>
          {isRunning ? "Checking…" : "Check this batch"}
        </button>
      </div>
    </form>
  );
}

function faultOf(contract: string, url: string | undefined): string | undefined {
  if (!/^0x[0-9a-f]{40}$/i.test(contract)) {
    return "The contract is no address: write 0x and 40 digits.";
  }
  return url === undefined ? undefined : nodeFault(url);
}

const MARKS = {
  green: <path d="M4 11l4 4 8-10" />,
  red: <path d="M5 5l10 10M15 5L5 15" />,
  unproven: <path d="M5 10h10" />,
  waiting: <circle cx="10" cy="10" r="2" />,
} as const;

const SAID = { green: "right", red: "wrong", unproven: "proves nothing", waiting: "not yet" };

function Steps({ steps, isRunning }: { steps: readonly Step[]; isRunning: boolean }) {
  return (
    <ol class="steps" aria-live="polite" aria-busy={isRunning}>
      {STEPS.map(name => (
        <StepRow key={name} name={name} step={steps.find(step => step.name === name)} />
      ))}
    </ol>
  );
}

function StepRow({ name, step }: { name: StepName; step: Step | undefined }) {
  const colour = step?.colour ?? "waiting";
  return (
    <li class={colour === "green" || colour === "red" ? colour : "grey"}>
      <svg class="mark" viewBox="0 0 20 20" role="img" aria-label={SAID[colour]}>
        <g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round">
          {MARKS[colour]}
        </g>
      </svg>
      <div>
        <div>{QUESTIONS[name]}</div>
        {step !== undefined && <strong class="small">{step.says}</strong>}
        {step?.values !== undefined && (
          <details class="small">
            <summary>Values</summary>
            <dl>
              {Object.entries(step.values).map(([name, value]) => (
                <div key={name}>
                  <dt class="faint">{name}</dt>
                  <dd class="digits">{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}

function Verdict({ steps, outcome }: { steps: readonly Step[]; outcome: Outcome }) {
  const time = durationText(outcome.ms);
  if (steps.some(({ colour }) => colour === "red")) {
    return (
      <p class="notice bad" role="status">
        The check failed, after {time}. Try another node; if it fails there too, do not trust this
        sequencer.
      </p>
    );
  }
  if (steps.some(({ colour }) => colour === "unproven")) {
    return (
      <p class="notice" role="status">
        Everything that was checked agrees, after {time}, but the proof proves nothing here: see the
        steps without a green mark.
      </p>
    );
  }
  return (
    <p class="notice good" role="status">
      This batch is right, and L1 has it. Checked in this browser in {time}.
    </p>
  );
}

/** Words of a table; more would make the page slow. */
const WORDS_SHOWN = 500;

function CheckedWords({ words: { entries, effects } }: { words: NonNullable<Outcome["words"]> }) {
  return (
    <details>
      <summary>The words that were checked</summary>
      <h3>Data words</h3>
      <WordTable caption="Checked data words" words={entries.slice(0, WORDS_SHOWN).map(saidBy)} />
      {entries.length > WORDS_SHOWN && <p>and {entries.length - WORDS_SHOWN} more</p>}
      <h3>Effects on L1</h3>
      <WordTable caption="Checked effects" words={effects.slice(0, WORDS_SHOWN).map(saidBy)} />
    </details>
  );
}
