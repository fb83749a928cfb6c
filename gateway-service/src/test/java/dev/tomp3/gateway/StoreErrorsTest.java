package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerUnavailableException;
import com.mongodb.MongoSocketReadException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.ServerAddress;
import dev.tomp3.platform.Problems;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.mongodb.core.MongoExceptionTranslator;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which errors of MongoDB are outages: a client then tries again. */
class StoreErrorsTest {
    private static final ServerAddress MEMBER = new ServerAddress("mongodb-1");

    @RestController
    record Store(Supplier<String> query) {
        @GetMapping("/jobs")
        String jobs() {
            return query.get();
        }
    }

    /** Of a member that starts, copies its data, stops or steps down, and of one that is gone. */
    static Stream<MongoException> outages() {
        return Stream.concat(
                IntStream.of(
                                24, // LockTimeout
                                50, // MaxTimeMSExpired
                                91, // ShutdownInProgress
                                133, // FailedToSatisfyReadPreference
                                189, // PrimarySteppedDown
                                262, // ExceededTimeLimit
                                13436) // NotPrimaryOrSecondary
                        .mapToObj(StoreErrorsTest::answered),
                Stream.of(
                        new MongoSecurityException(
                                MongoCredential.createCredential("u", "admin", new char[0]),
                                "the users are not copied yet"),
                        new MongoServerUnavailableException("the pool is closed"),
                        new MongoTimeoutException("no primary"),
                        new MongoNotPrimaryException(
                                Objects.requireNonNull(answered(10107).getResponse()), MEMBER),
                        new MongoSocketReadException("the connection broke", MEMBER)));
    }

    private static MongoCommandException answered(int code) {
        return new MongoCommandException(
                new BsonDocument("ok", new BsonInt32(0))
                        .append("code", new BsonInt32(code))
                        .append("codeName", new BsonString("Code" + code))
                        .append("errmsg", new BsonString("error " + code)),
                MEMBER);
    }

    @ParameterizedTest
    @MethodSource("outages")
    void an_outage_is_503(MongoException failure) throws Exception {
        MockHttpServletResponse response = response(translated(failure));
        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(response.getContentAsString()).contains("urn:tomp3:unavailable");
        assertThat(response.getHeader("Retry-After")).isNotNull();
    }

    static Stream<RuntimeException> bugs() {
        return Stream.of(
                new IllegalStateException("a bug"),
                new DataIntegrityViolationException("E11000", answered(11000)));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void a_bug_is_500(RuntimeException failure) throws Exception {
        assertThat(response(failure).getStatus()).isEqualTo(500);
    }

    /** As Spring Data hands it on. */
    private static RuntimeException translated(MongoException failure) {
        return Objects.requireNonNull(
                new MongoExceptionTranslator().translateExceptionIfPossible(failure));
    }

    private static MockHttpServletResponse response(RuntimeException failure) throws Exception {
        MockMvc mvc =
                MockMvcBuilders.standaloneSetup(
                                new Store(() -> {
                                    throw failure;
                                }))
                        .setControllerAdvice(new Problems())
                        .build();
        return mvc.perform(MockMvcRequestBuilders.get("/jobs")).andReturn().getResponse();
    }
}
