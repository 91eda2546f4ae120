/** The virtual time in memory that worker threads share: it stands, or it flows with the machine's clock. */
export interface SharedTime {
  readonly memory: SharedArrayBuffer;
  nowMs(): number;
  flowing(): boolean;
  setFlowing(flow: boolean): void;
  /** Moves standing time forward. */
  moveTo(atMs: number): void;
}

// One aligned float64 is read and written whole, so that mode and value can never be seen torn apart: an even number is
// twice the standing time, an odd one twice the offset to the machine's clock plus one.
const encodeStanding = (atMs: number): number => atMs * 2;
const encodeFlowing = (offsetMs: number): number => offsetMs * 2 + 1;

/** The virtual time, from any thread. `realNowMs` is the machine's clock, which a worker's patched `Date` hides. */
export const readSharedClock = (view: Float64Array, realNowMs: () => number): number => {
  const encoded = view[0] ?? 0;
  return encoded % 2 === 0 ? encoded / 2 : (encoded - 1) / 2 + realNowMs();
};

export const createSharedTime = (startMs: number): SharedTime => {
  const memory = new SharedArrayBuffer(8);
  const view = new Float64Array(memory);
  view[0] = encodeStanding(Math.round(startMs));
  const nowMs = (): number => readSharedClock(view, Date.now);
  let flowing = false;
  return {
    memory,
    nowMs,
    flowing: () => flowing,
    setFlowing: (flow) => {
      if (flow === flowing) return;
      const current = nowMs();
      flowing = flow;
      view[0] = flow ? encodeFlowing(current - Date.now()) : encodeStanding(current);
    },
    moveTo: (atMs) => {
      if (!flowing && atMs > nowMs()) view[0] = encodeStanding(Math.ceil(atMs));
    },
  };
};
