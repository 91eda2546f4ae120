/** A priority queue of timers: by instant, then in the order set. */
export interface Timer {
  readonly atMs: number;
  readonly label: string;
  readonly task: () => void | Promise<void>;
}

interface Entry extends Timer {
  readonly order: number;
  cancelled: boolean;
}

export interface TimerQueue {
  push(timer: Timer): Timer;
  cancel(timer: Timer): void;
  /** The earliest timer that is not cancelled. */
  peek(): Timer | undefined;
  pop(): Timer | undefined;
  clear(): void;
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

const swap = (heap: Entry[], i: number, j: number): void => {
  const a = heap[i] as Entry;
  heap[i] = heap[j] as Entry;
  heap[j] = a;
};

const siftUp = (heap: Entry[]): void => {
  let i = heap.length - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(heap[i] as Entry, heap[parent] as Entry)) return;
    swap(heap, i, parent);
    i = parent;
  }
};

const siftDown = (heap: Entry[]): void => {
  for (let i = 0; ; ) {
    let least = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      if (child < heap.length && isBefore(heap[child] as Entry, heap[least] as Entry)) least = child;
    }
    if (least === i) return;
    swap(heap, i, least);
    i = least;
  }
};

const removeFirst = (heap: Entry[]): Entry | undefined => {
  const first = heap[0];
  const last = heap.pop();
  if (heap.length > 0 && last !== undefined) {
    heap[0] = last;
    siftDown(heap);
  }
  return first;
};

export const createTimerQueue = (): TimerQueue => {
  const heap: Entry[] = [];
  const live = new Map<Timer, Entry>();
  let order = 0;

  const peek = (): Entry | undefined => {
    while (heap[0]?.cancelled) removeFirst(heap);
    return heap[0];
  };

  return {
    push: (timer) => {
      const entry: Entry = { ...timer, order: order++, cancelled: false };
      heap.push(entry);
      live.set(entry, entry);
      siftUp(heap);
      return entry;
    },
    cancel: (timer) => {
      const entry = live.get(timer);
      if (entry === undefined) return;
      entry.cancelled = true;
      live.delete(timer);
    },
    peek,
    pop: () => {
      if (peek() === undefined) return undefined;
      const first = removeFirst(heap);
      if (first) live.delete(first);
      return first;
    },
    clear: () => {
      heap.length = 0;
      live.clear();
    },
  };
};
