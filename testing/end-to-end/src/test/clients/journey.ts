// Usage: journey GATEWAY USER PASSWORD VIDEO MP3
// What a program does with the generated client: it logs in, uploads, waits and downloads.
import { readFile, writeFile } from 'node:fs/promises';
import { Configuration as Account, TokenApi } from './accounts/index.js';
import { Configuration, JobsApi, JobStatusEnum, MediaApi } from './jobs/index.js';

const [gateway, username, password, video, mp3] = process.argv.slice(2);
if (!gateway || !username || !password || !video || !mp3) throw new Error('too few arguments');

const token = await new TokenApi(new Account({ basePath: gateway, username, password })).login();
const configuration = new Configuration({ basePath: gateway, accessToken: token });
const media = new MediaApi(configuration);

const file = new File([await readFile(video)], 'video.wav');
const uploaded = await media.upload({ file, bitrate: '64', title: 'Ünïcode' });
const job = await new JobsApi(configuration).showJob({ id: uploaded.id, prefer: 'wait=120' });
if (job.status !== JobStatusEnum.Done) throw new Error(`the job is ${job.status}`);
const created: Date = job.createdAt;
if (Number.isNaN(created.getTime())) throw new Error('the job has no time');
const sound = await media.download({ fid: job.id });
await writeFile(mp3, Buffer.from(await sound.arrayBuffer()));
console.log(job.id);
