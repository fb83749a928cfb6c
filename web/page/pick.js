/** Files that a reader drops, pastes or chooses, from whole folders, too. */

const EXTENSIONS = new Set(
  (
    '3g2 3gp aac ac3 aif aifc aiff amr ape asf au avi caf dts eac3 ec3 f4v flac flv m2ts m4a m4b m4r m4v mka mkv mov mp1 ' +
    'mp2 mp3 mp4 mpc mpeg mpg mts oga ogg ogv opus qt ra rm rmvb rf64 snd spx thd ts tta vob w64 wav weba webm wma wmv wv'
  ).split(' '),
);

/** @typedef {{files: File[], skipped: number}} Picked skipped: files that are no media */

/**
 * @param {File} file
 * @param {boolean} chosen by itself, not with its folder: the server judges what the browser does not know
 */
function isMedia(file, chosen) {
  if (file.type.startsWith('audio/') || file.type.startsWith('video/')) return true;
  const dot = file.name.lastIndexOf('.');
  const extension = dot > 0 ? file.name.slice(dot + 1).toLowerCase() : '';
  return EXTENSIONS.has(extension) || (chosen && file.type === '');
}

/**
 * @param {Iterable<File>} files
 * @param {boolean} chosen
 * @returns {Picked}
 */
export function mediaOf(files, chosen) {
  const all = [...files];
  const media = all.filter((file) => !file.name.startsWith('.') && isMedia(file, chosen));
  return { files: media, skipped: all.length - media.length };
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<FileSystemEntry[]>} */
async function entriesIn(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    // a browser gives at most a hundred at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesIn(entry) {
  if (entry.isDirectory) {
    const inside = await entriesIn(/** @type {FileSystemDirectoryEntry} */ (entry));
    inside.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    const files = [];
    for (const each of inside) files.push(...(await filesIn(each)));
    return files;
  }
  return [await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject))];
}

/**
 * @param {DataTransfer} data of a drop or a paste
 * @returns {Promise<Picked>}
 */
export async function mediaIn(data) {
  // the items are gone once this function has waited
  const roots = [...data.items].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry());
  if (roots.length === 0 || roots.some((root) => root === null)) return mediaOf([...data.files], true);
  let skipped = 0;
  const files = [];
  for (const root of roots) {
    if (!root) continue;
    const picked = mediaOf(await filesIn(root), !root.isDirectory);
    files.push(...picked.files);
    skipped += picked.skipped;
  }
  return { files, skipped };
}

const PROBE_MS = 4000;

/**
 * How long a recording is, if the browser can tell.
 *
 * @param {File} file
 * @returns {Promise<number>} in seconds, 0 if it cannot
 */
export function secondsOf(file) {
  return new Promise((resolve) => {
    const media = document.createElement('video');
    const url = URL.createObjectURL(file);
    const end = () => {
      clearTimeout(timer);
      const seconds = Number.isFinite(media.duration) ? media.duration : 0;
      media.removeAttribute('src');
      URL.revokeObjectURL(url);
      resolve(seconds);
    };
    const timer = setTimeout(end, PROBE_MS);
    media.preload = 'metadata';
    media.onloadedmetadata = end;
    media.onerror = end;
    media.src = url;
  });
}
