/** An object that has these properties of its own and inherits the rest, also where the base would only let them be read. */
export const inherit = (base: object, own: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.create(
    base,
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        { value, writable: true, enumerable: true, configurable: true },
      ]),
    ),
  ) as Record<string, unknown>;
