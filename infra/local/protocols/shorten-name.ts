/** A generated name cut to a service's limit as CloudFormation does: the suffix that makes it unique stays. */
export const shortenName = (name: string, limit: number): string => {
  if (name.length <= limit) return name;
  const suffix = name.slice(name.lastIndexOf('-'));
  return `${name.slice(0, Math.max(0, limit - suffix.length))}${suffix}`.slice(-limit);
};
