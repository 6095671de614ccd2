# The page of a customer's resource in Rails, behind nginx and provisor-protect.conf:
# rackup -o 127.0.0.1 -p 3000 protected.ru
require 'action_controller/railtie'

class ResourcesController < ActionController::Base
  before_action { render plain: "This resource is suspended.\n", status: 403 if provisor('State') == 'suspended' }

  def show
    render plain: "#{provisor('Email')} uses the resource #{provisor('Resource')} on the plan #{provisor('Plan')}.\n"
  end

  private

  def provisor(name)
    URI::DEFAULT_PARSER.unescape(request.headers["X-Provisor-#{name}"]).force_encoding('UTF-8')
  end
end

class Application < Rails::Application
  config.secret_key_base = SecureRandom.hex(32)
  routes.append { get '*path', to: 'resources#show' }
end

run Application.initialize!
