import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** What a program does with the generated client: it logs in, uploads, waits and downloads. */
class Journey {
    /**
     * @param args gateway, user, password, video, MP3
     */
    public static void main(String[] args) throws Exception {
        String basic =
                Base64.getEncoder()
                        .encodeToString(
                                (args[1] + ":" + args[2]).getBytes(StandardCharsets.UTF_8));
        var account = new accounts.ApiClient();
        account.updateBaseUri(args[0]);
        account.setRequestInterceptor(
                request -> request.header("Authorization", "Basic " + basic));
        String token = new accounts.api.TokenApi(account).login();

        var client = new jobs.ApiClient();
        client.updateBaseUri(args[0]);
        client.setRequestInterceptor(
                request -> request.header("Authorization", "Bearer " + token));
        var media = new jobs.api.MediaApi(client);
        var upload =
                jobs.api.MediaApi.APIUploadRequest.newBuilder()
                        ._file(new File(args[3]))
                        .bitrate("64")
                        .build();
        String id = media.upload(upload).getId();
        var show = jobs.api.JobsApi.APIShowJobRequest.newBuilder().id(id).prefer("wait=120").build();
        var job = new jobs.api.JobsApi(client).showJob(show);
        if (job.getStatus() != jobs.model.Job.StatusEnum.DONE)
            throw new IllegalStateException("The job is " + job.getStatus());
        if (job.getCreatedAt().getYear() < 2020) throw new IllegalStateException(job.toString());
        var download = jobs.api.MediaApi.APIDownloadRequest.newBuilder().fid(id).build();
        Files.copy(media.download(download).toPath(), Path.of(args[4]));
        System.out.println(id);
    }
}
