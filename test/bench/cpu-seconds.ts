/** Seconds of the processor that a piece of work takes, so that other work on the machine counts less. */
export const cpuSecondsOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
