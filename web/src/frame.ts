// The isolated frame: runs the module for a page whose policy does not let it run
// there. Its parent is any page, so it takes one errand, of the right shape, and
// answers to nobody but the port that came with it.
import { assets } from "./loader/assets";
import { ERRAND, HELLO, isErrand, isWebOrigin, type Answer, type Errand } from "./run/errand";
import { measuring } from "./run/measure";
import { ModuleError, startModule, type Handover } from "./run/module";

const nonce = new URLSearchParams(location.search).get("nonce");

addEventListener("message", function take({ data, origin, source, ports }: MessageEvent) {
  if (source !== parent || source === window || !isWebOrigin(origin) || data?.type !== ERRAND) return;
  const [port] = ports;
  if (!port || ports.length > 1 || data.nonce !== nonce || !isErrand(data)) return;
  removeEventListener("message", take);
  void run(data, (answer) => port.postMessage(answer));
});
parent.postMessage({ type: HELLO, nonce }, "*");

/** Diagnoses, and tells how it goes and how it ended. */
async function run(errand: Errand, tell: (answer: Answer) => void): Promise<void> {
  try {
    const module = await startModule(new URL("module.wasm", assets));
    tell({ kind: "report", report: await module.diagnose(handover(errand, tell)) });
  } catch (error) {
    const { reason, problem } = error instanceof ModuleError ? error : new ModuleError("refused", "crash", error);
    tell({ kind: "failure", reason, problem });
  }
}

/** The host page ends a run by taking the frame away, so nothing here is ever aborted. */
function handover({ type: _, nonce: __, popup, frame, ...told }: Errand, tell: (answer: Answer) => void): Handover {
  const { signal } = new AbortController();
  return {
    ...told,
    frame: frame as Handover["frame"],
    goneFrame: null,
    assets: assets.href,
    popup: popup && Promise.resolve(popup),
    signal,
    onProgress: (progress) => tell({ kind: "progress", progress }),
    measure: measuring(signal),
  };
}
