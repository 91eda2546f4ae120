/** `arn:aws:sts::<account>:assumed-role/<role>/<session>` for a role's session, the user's own ARN otherwise. */
export const identityArn = (callerArn: string, sessionName: string | undefined): string => {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(callerArn);
  if (role === null || sessionName === undefined) return callerArn;
  return `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${sessionName}`;
};
