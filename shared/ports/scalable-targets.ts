/** Within what bounds the number of a service's tasks follows what is asked of it. */
export interface ScalingBounds {
  readonly min: number;
  readonly max: number;
  readonly suspended: { readonly scaleIn: boolean; readonly scaleOut: boolean };
}

/** The scalable targets of ECS services, by resource ids: `service/<cluster>/<service>`. */
export interface ScalableTargets {
  /** Those that a deploy has made: whatever else is set would be a target that nobody takes away. */
  registered(resourceIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Sets the bounds; AWS brings the number of tasks within them at once. Repeating it is harmless. */
  setBounds(resourceId: string, bounds: ScalingBounds): Promise<void>;
}
