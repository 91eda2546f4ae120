/** More than there are roles and sessions of theirs. */
const MOST_KNOWN = 1_000;

const known = new Map<string, string>();

const nameSession = (roleArn: string, sessionName: string): string => {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(roleArn);
  return role === null ? roleArn : `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${sessionName}`;
};

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>` for a role's session, the user's own ARN otherwise. */
export const identityArn = (callerArn: string, sessionName: string | undefined): string => {
  if (sessionName === undefined) return callerArn;
  const key = `${callerArn}\n${sessionName}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const arn = nameSession(callerArn, sessionName);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, arn);
  return arn;
};
