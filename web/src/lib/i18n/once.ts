/** A formatter takes longer to make than to use, and a list uses the same few in every row: each is made once. */
export function once<Options, Format>(
  Kind: new (locale: string, options?: Options) => Format
): (locale: string, options?: Options) => Format {
  const made = new Map<string, Format>();
  return (locale, options) => {
    const key = `${locale} ${JSON.stringify(options)}`;
    let format = made.get(key);
    if (!format) made.set(key, (format = new Kind(locale, options)));
    return format;
  };
}
