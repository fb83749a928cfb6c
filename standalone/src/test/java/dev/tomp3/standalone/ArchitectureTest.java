package dev.tomp3.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.metaAnnotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.time.Clock;
import java.time.Instant;
import java.util.logging.Logger;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RestController;

/** Rules that the dependencies between Maven modules cannot express. */
@AnalyzeClasses(
        packages = "dev.tomp3",
        importOptions = {
            ImportOption.DoNotIncludeTests.class,
            ArchitectureTest.WithoutTestServers.class
        })
class ArchitectureTest {
    private static final String AUTH = "dev.tomp3.auth..";
    private static final String GATEWAY = "dev.tomp3.gateway..";
    private static final String CONVERTER = "dev.tomp3.converter..";
    private static final String NOTIFICATION = "dev.tomp3.notification..";
    private static final String SERVICES = "dev.tomp3.(auth|gateway|converter|notification)..";

    @ArchTest
    static final ArchRule modules_depend_on_each_other_as_drawn_in_the_documentation =
            layeredArchitecture()
                    .consideringOnlyDependenciesInAnyPackage("dev.tomp3..")
                    .layer("platform")
                    .definedBy("dev.tomp3.platform..")
                    .layer("jobs")
                    .definedBy("dev.tomp3.jobs..")
                    .layer("embedded")
                    .definedBy("dev.tomp3.embedded..")
                    .layer("auth")
                    .definedBy(AUTH)
                    .layer("gateway")
                    .definedBy(GATEWAY)
                    .layer("converter")
                    .definedBy(CONVERTER)
                    .layer("notification")
                    .definedBy(NOTIFICATION)
                    .layer("standalone")
                    .definedBy("dev.tomp3.standalone..")
                    .whereLayer("platform")
                    .mayNotAccessAnyLayer()
                    .whereLayer("embedded")
                    .mayNotAccessAnyLayer()
                    .whereLayer("jobs")
                    .mayOnlyAccessLayers("platform")
                    .whereLayer("auth")
                    .mayOnlyAccessLayers("platform")
                    .whereLayer("gateway")
                    .mayOnlyAccessLayers("platform", "jobs")
                    .whereLayer("converter")
                    .mayOnlyAccessLayers("platform", "jobs")
                    .whereLayer("notification")
                    .mayOnlyAccessLayers("platform", "jobs")
                    .whereLayer("standalone")
                    .mayNotBeAccessedByAnyLayer()
                    .because(
                            "services are deployed separately and share only libs/jobs and"
                                    + " libs/platform, and none knows that its servers may be"
                                    + " embedded");

    @ArchTest
    static final ArchRule the_product_does_not_depend_on_tools_and_tests =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.tomp3.(bench|chaos|scaling|processes)..",
                            "dev.tomp3.(servers|endtoend)..")
                    .because("tools and tests are not part of the product");

    @ArchTest
    static final ArchRule packages_are_free_of_cycles =
            slices().matching("dev.tomp3.(**)")
                    .should()
                    .beFreeOfCycles()
                    .because("packages in a cycle can only be understood together");

    @ArchTest
    static final ArchRule classes_are_free_of_cycles =
            slices().assignedFrom(new TopLevelClass())
                    .should()
                    .beFreeOfCycles()
                    .because("classes in a cycle can only be understood and tested together");

    @ArchTest
    static final ArchRule standalone_knows_only_the_applications =
            noClasses()
                    .that()
                    .resideInAPackage("dev.tomp3.standalone..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage(SERVICES)
                                    .and(not(annotatedWith(SpringBootApplication.class))))
                    .because(
                            "it starts each service as a container would, and uses its HTTP"
                                    + " interface");

    @ArchTest
    static final ArchRule services_expose_only_their_application =
            classes()
                    .that()
                    .resideInAnyPackage(AUTH, GATEWAY, CONVERTER, NOTIFICATION)
                    .and()
                    .areTopLevelClasses()
                    .and()
                    .areNotAnnotatedWith(SpringBootApplication.class)
                    .and()
                    .resideOutsideOfPackage("dev.tomp3.converter.*..")
                    .and()
                    .doNotImplement(SQLExceptionOverride.class)
                    .should()
                    .notBePublic()
                    .because(
                            "no other module uses the classes of a service; those in the"
                                    + " subpackages of the converter are public for each other,"
                                    + " and the connection pool makes its own of a class's name");

    @ArchTest
    static final ArchRule each_service_sees_only_its_part_of_a_job =
            CompositeArchRule.of(
                            noUse(GATEWAY, "ClaimQueue|Attempts|Notifications|WebhookDeliveries"))
                    .and(
                            noUse(
                                    CONVERTER,
                                    "IncomingUploads|ResumableUploads|Notifications|Webhooks|WebhookDeliveries"))
                    .and(
                            noUse(
                                    NOTIFICATION,
                                    "IncomingUploads|ResumableUploads|ClaimQueue|Attempts|Sweeper|Webhooks"))
                    .because(
                            "the gateway cannot settle a job, the converter cannot notify, and the"
                                    + " notification service cannot claim");

    @ArchTest
    static final ArchRule controllers_do_not_call_controllers =
            noClasses()
                    .that()
                    .areMetaAnnotatedWith(Controller.class)
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("dev.tomp3..")
                                    .and(metaAnnotatedWith(Controller.class)))
                    .because("what two controllers share belongs in a class of its own");

    @ArchTest
    static final ArchRule only_auth_and_the_gateway_have_controllers =
            noClasses()
                    .that()
                    .resideInAnyPackage(CONVERTER, NOTIFICATION)
                    .should()
                    .beAnnotatedWith(RestController.class)
                    .because("the workers serve health and metrics only");

    @ArchTest
    static final ArchRule time_comes_from_an_injected_clock =
            noClasses()
                    .that()
                    .areNotMetaAnnotatedWith(Configuration.class)
                    .should()
                    .callMethodWhere(
                            describe("it reads a static clock", ArchitectureTest::readsClock))
                    .because("tests must be able to set the time");

    @ArchTest
    static final ArchRule dependencies_are_constructor_parameters =
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
                    .because("a constructor shows what an object needs, and tests can call it");

    @ArchTest
    static final ArchRule fields_of_beans_are_private =
            fields().that()
                    .areDeclaredInClassesThat()
                    .areMetaAnnotatedWith(Component.class)
                    .and()
                    .areNotStatic()
                    .should()
                    .bePrivate()
                    .because("a bean is shared by many threads");

    @ArchTest
    static final ArchRule lombok_is_not_used =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("lombok..")
                    .because("records serve the same purpose");

    @ArchTest
    static final ArchRule logging_goes_through_slf4j =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.tomp3.standalone..")
                    .and()
                    .doNotHaveSimpleName("GatewayService")
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(Logger.class)
                    .orShould()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err")
                    .because(
                            "all log lines have the same format; only standalone, and the gateway's"
                                    + " command check-media, use a terminal");

    @ArchTest
    static final ArchRule class_names_say_what_a_class_does =
            noClasses()
                    .should()
                    .haveNameMatching(".*(Impl|Utils?|Manager|Helper|DTO|Base)")
                    .orShould()
                    .haveSimpleNameStartingWith("Abstract")
                    .because("these words say nothing about a class");

    private static boolean readsClock(JavaMethodCall call) {
        JavaClass owner = call.getTargetOwner();
        String name = call.getName();
        if (owner.isEquivalentTo(System.class))
            return name.equals("nanoTime") || name.equals("currentTimeMillis");
        if (owner.isEquivalentTo(Clock.class)) return name.startsWith("system");
        return owner.isEquivalentTo(Instant.class)
                && name.equals("now")
                && call.getTarget().getRawParameterTypes().isEmpty();
    }

    private static ArchRule noUse(String service, String classes) {
        return noClasses()
                .that()
                .resideInAPackage(service)
                .should()
                .dependOnClassesThat()
                .haveNameMatching("dev\\.tomp3\\.jobs\\.(" + classes + ")");
    }

    /** Leaves out the module {@code testing/servers}, which these tests use. */
    static final class WithoutTestServers implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("dev/tomp3/servers/");
        }
    }

    /** One slice for each top-level class, with its nested classes. */
    private static final class TopLevelClass implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            JavaClass top = type;
            while (top.getEnclosingClass().isPresent()) top = top.getEnclosingClass().get();
            return SliceIdentifier.of(top.getName());
        }

        @Override
        public String getDescription() {
            return "top-level classes";
        }
    }
}
