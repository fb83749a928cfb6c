package dev.tomp3.bench;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import java.util.Map;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * A separate program: the same Tomcat as the gateway's, with a controller that does nothing and one
 * that reads one document by its id. Their request rates are the upper limit of the gateway's.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    HttpMessageConvertersAutoConfiguration.class,
    JacksonAutoConfiguration.class
})
@Import(Baseline.Nothing.class)
class Baseline {
    private static final Map<String, Object> JOB =
            Map.of("id", "000000000000000000000000", "status", "done");

    /** Takes the port as its argument; {@code MONGODB_URI} names the store of the document. */
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(Baseline.class);
        application.setDefaultProperties(
                Map.of(
                        "spring.config.location", "optional:file:/nothing/",
                        "server.address", "127.0.0.1",
                        "server.port", args[0],
                        "spring.threads.virtual.enabled", "true",
                        "logging.level.root", "warn",
                        "spring.main.banner-mode", "off"));
        application.run(args);
    }

    @RestController
    static class Nothing {
        private final MongoCollection<Document> jobs;

        Nothing() {
            String uri = System.getenv("MONGODB_URI");
            MongoClient client = MongoClients.create(uri);
            jobs = client.getDatabase(System.getenv("BASELINE_DATABASE")).getCollection("jobs");
        }

        @GetMapping("/empty")
        Map<String, Object> empty() {
            return JOB;
        }

        @GetMapping("/read/{id}")
        Map<String, Object> read(@PathVariable String id) {
            Document job = jobs.find(new Document("_id", new ObjectId(id))).first();
            if (job == null) throw new IllegalStateException("no job " + id);
            return Map.of("id", id, "status", job.getString("status"));
        }
    }
}
