/** Numbers, sizes, times and plurals as the reader's language writes them. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** @typedef {ReturnType<typeof formatsOf>} Formats */

/** @param {string} locale */
export function formatsOf(locale) {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const days = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long' });
  const daysOfYears = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });
  const names = new Intl.DisplayNames(locale, { type: 'language' });

  /** @param {number} value */
  const number = (value) => numbers.format(value);

  /**
   * @param {number} value
   * @param {string} unit of Intl
   * @param {number} [digits]
   */
  const unit = (value, unit, digits = 0) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(value);

  return {
    locale,
    number,
    unit,
    /** @param {number} share from 0 to 1 */
    percent: (share) => percents.format(share),

    /**
     * In steps of 1024, as the server counts.
     *
     * @param {number} value
     */
    bytes(value) {
      let step = 0;
      let scaled = value;
      while (scaled >= 1000 && step < UNITS.length - 1) {
        scaled /= 1024;
        step++;
      }
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: UNITS[step] ?? 'byte',
        // short is "5 byte"
        unitDisplay: step === 0 ? 'long' : 'short',
        maximumFractionDigits: step === 0 || scaled >= 100 ? 0 : 1,
      }).format(scaled);
    },

    /**
     * How long something lasts or takes: "3 h 20 min", "4:05" is not used because screen readers take it for a time.
     *
     * @param {number} seconds
     */
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds));
      const short = (/** @type {number} */ value, /** @type {string} */ of) =>
        new Intl.NumberFormat(locale, { style: 'unit', unit: of, unitDisplay: 'short' }).format(value);
      if (whole < 60) return short(whole, 'second');
      if (whole < 3600) {
        const rest = whole % 60;
        const minutes = short(Math.floor(whole / 60), 'minute');
        return whole < 600 && rest > 0 ? `${minutes} ${short(rest, 'second')}` : minutes;
      }
      if (whole < 48 * 3600) {
        const minutes = Math.floor((whole % 3600) / 60);
        const hours = short(Math.floor(whole / 3600), 'hour');
        return minutes > 0 ? `${hours} ${short(minutes, 'minute')}` : hours;
      }
      return unit(Math.round(whole / 86400), 'day') + '';
    },

    /** @param {string | number | Date} when */
    day(when) {
      const date = new Date(when);
      return (date.getFullYear() === new Date().getFullYear() ? days : daysOfYears).format(date);
    },

    /** @param {string | number | Date} when */
    time: (when) => times.format(new Date(when)),

    /** @param {string[]} items */
    list: (items) => lists.format(items),

    /** @param {string} code of a language, such as "de" */
    languageName(code) {
      try {
        return names.of(code) ?? code;
      } catch {
        return code;
      }
    },

    /**
     * @param {number} count
     * @param {{one?: string, other: string} & Partial<Record<Intl.LDMLPluralRule, string>>} forms with # for the number
     */
    plural(count, forms) {
      return (forms[plurals.select(count)] ?? forms.other).replace('#', number(count));
    },
  };
}
