package dev.tomp3.standalone;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.logging.Logger;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RestController;

/** What Maven's modules cannot say. */
@AnalyzeClasses(packages = "dev.tomp3", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] SERVICES = {
        "dev.tomp3.auth..",
        "dev.tomp3.gateway..",
        "dev.tomp3.converter..",
        "dev.tomp3.notification.."
    };

    @ArchTest
    static final ArchRule arrows =
            layeredArchitecture()
                    .consideringOnlyDependenciesInAnyPackage("dev.tomp3..")
                    .layer("embedded")
                    .definedBy("dev.tomp3.embedded..")
                    .layer("platform")
                    .definedBy("dev.tomp3.platform..")
                    .layer("jobs")
                    .definedBy("dev.tomp3.jobs..")
                    .layer("auth")
                    .definedBy(SERVICES[0])
                    .layer("gateway")
                    .definedBy(SERVICES[1])
                    .layer("converter")
                    .definedBy(SERVICES[2])
                    .layer("notification")
                    .definedBy(SERVICES[3])
                    .layer("standalone")
                    .definedBy("dev.tomp3.standalone..")
                    .whereLayer("standalone")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("auth")
                    .mayOnlyBeAccessedByLayers("standalone")
                    .whereLayer("gateway")
                    .mayOnlyBeAccessedByLayers("standalone")
                    .whereLayer("converter")
                    .mayOnlyBeAccessedByLayers("standalone")
                    .whereLayer("notification")
                    .mayOnlyBeAccessedByLayers("standalone")
                    .whereLayer("embedded")
                    .mayOnlyBeAccessedByLayers("standalone")
                    .whereLayer("platform")
                    .mayNotAccessAnyLayer()
                    .whereLayer("jobs")
                    .mayOnlyAccessLayers("platform")
                    .whereLayer("auth")
                    .mayOnlyAccessLayers("platform")
                    .because(
                            "services are deployed apart and agree on libs/jobs only; the embedded"
                                + " servers are for standalone, and no service knows which servers"
                                + " it talks to");

    @ArchTest
    static final ArchRule standalone_knows_only_the_applications =
            noClasses()
                    .that()
                    .resideInAPackage("dev.tomp3.standalone..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("dev.tomp3.(auth|gateway|converter|notification)..")
                                    .and(
                                            com.tngtech.archunit.base.DescribedPredicate.not(
                                                    com.tngtech.archunit.core.domain.properties
                                                            .CanBeAnnotated.Predicates
                                                            .annotatedWith(
                                                                    SpringBootApplication.class))))
                    .because(
                            "it starts each service as its container would, and speaks HTTP to it");

    @ArchTest
    static final ArchRule services_show_their_application_only =
            classes()
                    .that()
                    .resideInAnyPackage(SERVICES)
                    .and()
                    .areTopLevelClasses()
                    .and()
                    .areNotAnnotatedWith(SpringBootApplication.class)
                    .and()
                    .resideOutsideOfPackage("dev.tomp3.converter.*..")
                    .should()
                    .notBePublic()
                    .because(
                            "nobody outside a service uses its classes; only those in the"
                                    + " converter's subpackages are public for each other");

    @ArchTest
    static final ArchRule no_field_injection =
            noFields()
                    .should()
                    .beAnnotatedWith(Autowired.class)
                    .orShould()
                    .beAnnotatedWith("org.springframework.beans.factory.annotation.Value")
                    .orShould()
                    .beAnnotatedWith("jakarta.inject.Inject")
                    .orShould()
                    .beAnnotatedWith("jakarta.annotation.Resource")
                    .orShould()
                    .beAnnotatedWith("jakarta.persistence.PersistenceContext")
                    .because("what an object needs stands in its constructor");

    @ArchTest
    static final ArchRule no_lombok =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("lombok..")
                    .because("records say it in the language");

    @ArchTest
    static final ArchRule beans_hold_no_mutable_fields_that_others_see =
            fields().that()
                    .areDeclaredInClassesThat()
                    .areMetaAnnotatedWith(Component.class)
                    .and()
                    .areNotStatic()
                    .should()
                    .bePrivate()
                    .because("one bean serves many threads");

    @ArchTest
    static final ArchRule controllers_stay_with_the_two_that_speak_http =
            noClasses()
                    .that()
                    .resideInAnyPackage(SERVICES[2], SERVICES[3])
                    .should()
                    .beAnnotatedWith(RestController.class)
                    .because("the workers answer health and metrics only");

    @ArchTest
    static final ArchRule one_way_to_log =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.tomp3.standalone..") // it talks to a terminal
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(Logger.class)
                    .orShould()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err")
                    .because("services log through SLF4J");

    @ArchTest
    static final ArchRule no_old_words =
            noClasses()
                    .should()
                    .haveSimpleNameEndingWith("Impl")
                    .orShould()
                    .haveSimpleNameEndingWith("Utils")
                    .orShould()
                    .haveSimpleNameEndingWith("Util")
                    .orShould()
                    .haveSimpleNameEndingWith("Manager")
                    .orShould()
                    .haveSimpleNameEndingWith("Helper")
                    .orShould()
                    .haveSimpleNameEndingWith("DTO")
                    .orShould()
                    .haveSimpleNameStartingWith("Abstract")
                    .because("a name says what a thing is or does");

    @ArchTest
    static final ArchRule time_comes_from_a_clock =
            noClasses()
                    .that()
                    .areNotAnnotatedWith(Configuration.class)
                    .should()
                    .callMethod(java.time.Instant.class, "now")
                    .because("tests must be able to say what time it is");
}
