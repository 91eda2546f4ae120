/** Makes `Date` of this thread tell another time. @param now given the machine's, which is hidden from then on. */
export const showVirtualTime = (now: (realNowMs: () => number) => number): void => {
  const RealDate = globalThis.Date;
  const realNow = RealDate.now.bind(RealDate);
  const virtualNow = (): number => now(realNow);
  function VirtualDate(...parts: readonly unknown[]): unknown {
    if (new.target === undefined) return new RealDate(virtualNow()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [virtualNow()] : parts, new.target);
  }
  Object.assign(VirtualDate, { now: virtualNow, parse: RealDate.parse, UTC: RealDate.UTC });
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  VirtualDate.prototype = RealDate.prototype;
  Object.defineProperty(RealDate.prototype, 'constructor', { value: VirtualDate, writable: true, configurable: true });
  globalThis.Date = VirtualDate as unknown as DateConstructor;
};
