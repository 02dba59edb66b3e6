const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAY_MS = 86_400_000;

/**
 * `datetime.strftime` of Python in the C locale, in local time; `%-d` is without the padding, as in glibc. A directive that is none
 * stays as it is.
 */
export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%(-?)([A-Za-z%])/g, (directive, minus: string, letter: string) => {
    const text = field(date, letter);
    if (text === undefined) return directive;
    return minus === '' ? text : text.replace(/^[0 ]+(?=\d)/, '');
  });
}

function field(date: Date, letter: string): string | undefined {
  const hour = date.getHours();
  switch (letter) {
    case 'a':
      return DAYS[date.getDay()]?.slice(0, 3);
    case 'A':
      return DAYS[date.getDay()];
    case 'w':
      return String(date.getDay());
    case 'd':
      return padded(date.getDate());
    case 'e':
      return padded(date.getDate(), 2, ' ');
    case 'b':
    case 'h':
      return MONTHS[date.getMonth()]?.slice(0, 3);
    case 'B':
      return MONTHS[date.getMonth()];
    case 'm':
      return padded(date.getMonth() + 1);
    case 'y':
      return padded(date.getFullYear() % 100);
    case 'Y':
      return String(date.getFullYear());
    case 'H':
      return padded(hour);
    case 'I':
      return padded(hour % 12 || 12);
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'M':
      return padded(date.getMinutes());
    case 'S':
      return padded(date.getSeconds());
    case 'f':
      return padded(date.getMilliseconds() * 1000, 6);
    case 'j':
      return padded(dayOfYear(date), 3);
    case 's':
      return String(Math.floor(date.getTime() / 1000));
    case 'D':
      return strftime(date, '%m/%d/%y');
    case 'F':
      return strftime(date, '%Y-%m-%d');
    case 'T':
    case 'X':
      return strftime(date, '%H:%M:%S');
    case 'R':
      return strftime(date, '%H:%M');
    case 'x':
      return strftime(date, '%m/%d/%y');
    case 'c':
      return strftime(date, '%a %b %e %H:%M:%S %Y');
    // A date without a time zone, which is what `strftime_now` formats, has none to show.
    case 'z':
    case 'Z':
      return '';
    case '%':
      return '%';
    default:
      return undefined;
  }
}

function padded(value: number, length = 2, fill = '0'): string {
  return String(value).padStart(length, fill);
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 0);
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / DAY_MS;
}
