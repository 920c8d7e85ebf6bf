import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One node of Elasticsearch with its server on the class path: HOME CONFIG FOLDER PORT TRANSPORT. */
class Launcher {
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[2]);
        Settings settings = Settings.builder()
            .put("path.home", arguments[0])
            .put("path.data", folder.resolve("data").toString())
            .put("path.logs", folder.resolve("logs").toString())
            .put("cluster.name", "tests")
            .put("node.name", "tests")
            .put("discovery.type", "single-node")
            .put("http.host", "127.0.0.1")
            .put("http.port", arguments[3])
            .put("transport.host", "127.0.0.1")
            .put("transport.port", arguments[4])
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("action.auto_create_index", false)
            .build();
        Environment environment = new Environment(settings, Path.of(arguments[1]));
        LogConfigurator.registerErrorListener();
        LogConfigurator.loadLog4jPlugins();
        LogConfigurator.configure(environment, true);
        // False: the server is on the class path, not on the module path.
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()), Set.of(), Map.of(), false
        );
        Node node = new Node(environment, plugins);
        node.start();
        Thread.currentThread().join();
    }
}
